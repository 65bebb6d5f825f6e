#include <algorithm>
#include <cmath>
#include <string>

#include "mien/io/model.h"
#include "mien/nn.h"
#include "tests/io/formats.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// What make_golden_models.py fed to Keras.
Tensors fixture_inputs(const std::vector<Shape>& samples) {
  Tensors out;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    Tensor x = Tensor::zeros(join({2}, samples[k]));
    for (std::int64_t i = 0; i < x.numel(); ++i)
      x.data<float>()[i] = float(std::sin(0.7 * double(i + 1) + double(k)));
    out.push_back(x);
  }
  return out;
}

// All outputs, one after the other.
Tensor outputs(const nn::Module& model, const std::vector<Shape>& samples) {
  nn::Pass inference;
  std::vector<double> all;
  for (const Tensor& y : model.call(fixture_inputs(samples), inference))
    for (const double value : values(y)) all.push_back(value);
  return Tensor::from(all, {std::int64_t(all.size())});
}

struct Fixture {
  std::string name;
  std::vector<Shape> samples;
};

const std::vector<Fixture>& fixtures() {
  static const std::vector<Fixture> all{
      {"residual", {{8, 8, 3}}},  {"shared", {{4, 4, 2}, {4, 4, 2}}},
      {"transfer", {{6, 6, 3}}},  {"in_sequential", {{5, 5, 2}}},
      {"functions", {{4, 6, 3}}}, {"open_sizes", {{9, 9, 3}}}};
  return all;
}

io::LoadOptions options_for(const Fixture& fixture) {
  if (fixture.name != "open_sizes") return {};
  return {.input_shapes = fixture.samples};
}

TEST_CASE("functional models of both generations of Keras predict here as there", "[io]") {
  need_formats();
  for (const Fixture& each : fixtures())
    for (const std::string flavour : {"keras", "tf_keras"})
      for (const std::string extension : {".h5", ".keras"}) {
        const std::string stem = flavour + "_f_" + each.name;
        INFO(stem << extension);
        const auto model = io::load_model(keras_fixture(stem + extension), options_for(each));
        const Tensor y = outputs(*model, each.samples);
        CHECK(relative_error(y.view(golden("keras/" + stem).shape()), golden("keras/" + stem)) <
              1e-5);
      }
}

TEST_CASE("functional models come back as they were saved", "[io]") {
  need_formats();
  const test::TempDir dir;
  for (const Fixture& each : fixtures())
    for (const std::string flavour : {"keras", "tf_keras"}) {
      const std::string stem = flavour + "_f_" + each.name;
      const auto model = io::load_model(keras_fixture(stem + ".h5"), options_for(each));
      for (const int keras : {2, 3})
        for (const std::string copy : {"copy.h5", "copy.keras"}) {
          INFO(stem << " as " << copy << " of Keras " << keras);
          io::save_model(*model, dir / copy, {.keras = keras});
          const auto loaded = io::load_model(dir / copy);
          CHECK(values(outputs(*loaded, each.samples)) == values(outputs(*model, each.samples)));
        }
    }
}

TEST_CASE("a functional model keeps names, sharing and what is frozen", "[io]") {
  need_formats();
  for (const std::string file : {"keras_f_transfer.h5", "tf_keras_f_transfer.keras"}) {
    INFO(file);
    const auto model = io::load_model<nn::Graph>(keras_fixture(file));
    const auto child = [](const nn::Module& of, const std::string& name) -> const nn::Module& {
      for (std::size_t i = 0; i < of.children(); ++i)
        if (of.child_at(i).name() == name) return of.child_at(i);
      FAIL(name);
      return of;
    };
    const nn::Module& base = child(model, "base");
    CHECK(base.frozen());
    CHECK(child(child(base, "block"), child(base, "block").child_at(0).name()).frozen());
    CHECK_FALSE(child(model, "new_head").frozen());
  }
  const auto shared = io::load_model<nn::Graph>(keras_fixture("keras_f_shared.keras"));
  const auto calls = [&](const std::string& name) {
    return std::count_if(
        shared.calls().begin(), shared.calls().end(),
        [&](const nn::Graph::Call& call) { return call.layer && call.layer->name() == name; });
  };
  CHECK(calls("both") == 4);
  CHECK(calls("tower") == 2);
  CHECK(shared.calls()[0].name == "left");
}

TEST_CASE("files of weights alone fill a model, in the layouts of both generations", "[io]") {
  need_formats();
  const Fixture& shared = fixtures()[1];
  for (const std::string flavour : {"keras", "tf_keras"})
    for (const std::string from : {".weights.h5", ".h5", ".keras"}) {
      INFO(flavour << from);
      const std::string other = flavour == "keras" ? "tf_keras" : "keras";
      const auto model = io::load_model(keras_fixture(other + "_f_shared.h5"));
      io::load_weights(*model, keras_fixture(flavour + "_f_shared" + from));
      const Tensor wanted = golden("keras/" + flavour + "_f_shared");
      CHECK(relative_error(outputs(*model, shared.samples).view(wanted.shape()), wanted) < 1e-5);
    }
}

TEST_CASE("sizes that a file leaves open are asked for and checked", "[io]") {
  need_formats();
  const std::string path = keras_fixture("keras_f_open_sizes.keras");
  CHECK_THROWS_WITH(io::load_model(path), Contains("leaves sizes of its input open") &&
                                              Contains("LoadOptions::input_shapes"));
  CHECK_THROWS_WITH(io::load_model(path, {.input_shapes = {{9, 9, 4}}}),
                    Contains("[9, 9, 4] does not fit"));
  CHECK_THROWS_WITH(io::load_model(path, {.input_shapes = {{9, 9, 3}, {1}}}),
                    Contains("has 1 inputs; got 2 shapes"));
}

}  // namespace
}  // namespace mien
