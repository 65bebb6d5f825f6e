#include "mien/io/model.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/io/hdf5_file.h"
#include "mien/base/error.h"
#include "mien/nn.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

namespace mien {
namespace {

std::string fixture(const std::string& name) {
  return std::string(MIEN_TEST_DATA_DIR) + "/keras/" + name;
}

// What make_golden_keras.py fed to Keras.
Tensor fixture_input(const nn::Sequential& model) {
  Tensor x = Tensor::zeros(join({2}, model.input_shape()));
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[i] = float(std::sin(0.7 * double(i + 1)));
  return x;
}

nn::Sequential small_network(int units = 3) {
  nn::Sequential model{
      nn::Conv2D(4, {3, 3}, {.padding = nn::same}), nn::BatchNormalization(), nn::Flatten(),
      nn::Dense(units, {.activation = Act::softmax, .kernel_regularizer = {.l2 = 0.5}})};
  model.build({4, 4, 1});
  return model;
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The one line that load_model() throws for a file, "" where it loads.
std::string load_error(const std::string& path) {
  try {
    io::load_model(path);
    return "";
  } catch (const IoError& error) {
    return error.what();
  }
}

void need_hdf5() {
  const test::TempDir dir;
  try {
    io::save_model(small_network(), dir / "a.h5");
  } catch (const IoError& error) {
    MIEN_SKIP(error.what());
  }
}

TEST_CASE("models that Keras 3 and tf_keras saved predict here as there", "[io]") {
  need_hdf5();
  for (const std::string flavour : {"keras", "tf_keras"}) {
    for (const std::string name : {"expression", "zoo", "partly_frozen"}) {
      INFO(flavour << "_" << name);
      const nn::Sequential model =
          io::load_model<nn::Sequential>(fixture(flavour + "_" + name + ".h5"));
      CHECK(relative_error(model(fixture_input(model)), golden("keras/" + flavour + "_" + name)) <
            1e-5);
    }
    const nn::Sequential zoo = io::load_model<nn::Sequential>(fixture(flavour + "_zoo.h5"));
    CHECK(zoo.layer(std::size_t(0)).name() == "rescaling");
    CHECK(zoo.layer("frozen").frozen());
    CHECK_FALSE(zoo.layer("stem").frozen());
    REQUIRE(zoo.penalties().size() == 1);
    CHECK(zoo.penalties()[0].regularizer.l2 == Approx(0.01));
  }
}

TEST_CASE("weights alone fill a model of the same layers", "[io]") {
  need_hdf5();
  nn::Sequential model = io::load_model<nn::Sequential>(fixture("keras_expression.h5"));
  io::load_weights(model, fixture("tf_keras_weights.h5"));
  CHECK(relative_error(model(fixture_input(model)), golden("keras/tf_keras_expression")) < 1e-5);
  CHECK_THAT(load_error(fixture("tf_keras_weights.h5")),
             Contains("holds no model") && Contains("load_weights()"));
}

TEST_CASE("a saved model comes back whole: weights, names, frozen layers, metadata", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  nn::Sequential model = small_network();
  model.set_name("faces");
  model.layer(1).freeze();
  model.metadata()
      .set("class_names", nn::Config::Strings{"angry", "happy", "sad"})
      .set("rescale", 1.0 / 255);
  const Tensor x = random_tensor({2, 4, 4, 1}, 1, -1, 1, DType::f32);
  nn::Pass training{.training = true};
  model(x, training);  // moves the statistics
  io::save_model(model, dir / "model.h5");
  const nn::Sequential loaded = io::load_model<nn::Sequential>(dir / "model.h5");
  CHECK(values(loaded(x)) == values(model(x)));
  CHECK(loaded.name() == "faces");
  for (std::size_t i = 0; i < model.size(); ++i) {
    CHECK(loaded.layer(i).name() == model.layer(i).name());
    CHECK(loaded.layer(i).frozen() == model.layer(i).frozen());
  }
  CHECK(loaded.penalties().at(0).regularizer.l2 == 0.5);
  CHECK(loaded.metadata().get_strings("class_names") ==
        nn::Config::Strings{"angry", "happy", "sad"});
  CHECK(loaded.metadata().get_double("rescale", 0) == 1.0 / 255);
  // Saved again, the same bytes: nothing is lost on the way.
  io::save_model(loaded, dir / "again.h5");
  CHECK(read_bytes(dir / "again.h5") == read_bytes(dir / "model.h5"));
}

TEST_CASE("models inside models keep their weights apart", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  nn::Sequential model{nn::Sequential{nn::Dense(3), nn::BatchNormalization()},
                       nn::Sequential{nn::Dense(3)}, nn::Dense(3)};
  model.build({3});
  io::save_model(model, dir / "nested.h5");
  const nn::Sequential loaded = io::load_model<nn::Sequential>(dir / "nested.h5");
  const Tensor x = random_tensor({2, 3}, 1, -1, 1, DType::f32);
  CHECK(values(loaded(x)) == values(model(x)));
  CHECK(loaded.parameters().at(4).name == model.parameters().at(4).name);
}

TEST_CASE("files that hold something else are refused by name", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  CHECK_THAT(load_error(dir / "none.h5"), Contains("none.h5: cannot be opened: No such file"));
  write_bytes(dir / "text.h5", "no HDF5 at all, but some sixty or seventy bytes of plain text");
  const std::string none = ": is no model: neither an HDF5 file (.h5) nor a zip archive (.keras)";
  CHECK(load_error(dir / "text.h5") == dir / "text.h5" + none);
  write_bytes(dir / "empty.h5", "");
  CHECK(load_error(dir / "empty.h5") == dir / "empty.h5" + none);
  CHECK_THAT(load_error(fixture("keras_unknown.h5")),
             Contains("keras_unknown.h5: ") && Contains("unknown layer 'MaxPooling3D' ('hiss')"));
  CHECK_THAT(load_error(fixture("tf_keras_unknown.h5")), Contains("MaxPooling3D"));
}

TEST_CASE("a description of a model that makes no sense is an error naming the file", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  const auto error_of = [&dir](const std::string& config) {
    io::Hdf5File file(dir / "odd.h5");
    file.make_group("/model_weights");
    file.write_strings_attribute("/model_weights", "layer_names", {});
    file.write_string_attribute("/", "model_config", config);
    write_bytes(dir / "odd.h5", file.bytes());
    return load_error(dir / "odd.h5");
  };
  const auto of_layer = [&](const std::string& class_name, const std::string& config) {
    return error_of(concat(R"({"class_name": "Sequential", "config": {"build_input_shape": )",
                           R"([null, 300000], "layers": [{"class_name": )", class_name,
                           R"(, "config": )", config, "}]}}"));
  };
  for (const char* config : {"", "nonsense", "7", "[]", "{}", R"({"class_name": 7})",
                             R"({"class_name": "Sequential", "config": 7})",
                             R"({"class_name": "Sequential", "config": {"layers": [7]}})"}) {
    INFO(config);
    CHECK_THAT(error_of(config), Contains("odd.h5: "));
  }
  CHECK_THAT(of_layer("7", "{}"), Contains("odd.h5: "));
  CHECK_THAT(of_layer("\"Dense\"", R"({"name": 7, "units": 2})"), Contains("odd.h5: "));
  CHECK_THAT(of_layer("\"Dense\"", R"({"units": 2, "kernel_initializer": {"class_name": 3}})"),
             Contains("odd.h5: "));
  CHECK_THAT(of_layer("\"Dense\"", R"({"units": "two"})"),
             Contains("config: 'units' must be an integer"));
  CHECK_THAT(of_layer("\"Dense\"", R"({"units": 2000000000})"), Contains("odd.h5: "));
  CHECK_THAT(of_layer("\"Dense\"", R"({"units": 4294967297})"), Contains("odd.h5: "));
}

TEST_CASE("a truncated file is an error, wherever it ends", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  io::save_model(small_network(), dir / "whole.h5");
  const std::string bytes = read_bytes(dir / "whole.h5");
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    write_bytes(dir / "part.h5", bytes.substr(0, size));
    INFO(size << " of " << bytes.size() << " bytes");
    CHECK_THAT(load_error(dir / "part.h5"), Contains("part.h5: "));
  }
  write_bytes(dir / "part.h5", bytes.substr(0, bytes.size() - 1));
  CHECK_THAT(load_error(dir / "part.h5"), Contains("truncated"));
}

TEST_CASE("a damaged byte is an error or changes a weight, and never more", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  io::save_model(small_network(), dir / "whole.h5");
  const std::string bytes = read_bytes(dir / "whole.h5");
  int refused = 0;
  for (std::size_t at = 8; at < bytes.size(); at += 307) {
    std::string damaged = bytes;
    damaged[at] = char(damaged[at] ^ 0xA5);
    write_bytes(dir / "damaged.h5", damaged);
    INFO("byte " << at);
    refused += !load_error(dir / "damaged.h5").empty();
  }
  CHECK(refused > 5);
}

TEST_CASE("weights that do not fit are named, and nothing is changed", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  io::save_model(small_network(3), dir / "three.h5");
  nn::Sequential other = small_network(5);
  const Tensor x = random_tensor({1, 4, 4, 1}, 1, -1, 1, DType::f32);
  const std::vector<double> before = values(other(x));
  CHECK_THROWS_WITH(io::load_weights(other, dir / "three.h5"),
                    Contains("three.h5: weight 'dense/kernel:0' of layer 'dense' is [64, 3]; the "
                             "model wants [64, 5]"));
  nn::Sequential longer{nn::Conv2D(4, {3, 3}, {.padding = nn::same}), nn::BatchNormalization(),
                        nn::Flatten(), nn::Dense(3), nn::Dense(2)};
  longer.build({4, 4, 1});
  CHECK_THROWS_WITH(io::load_weights(longer, dir / "three.h5"),
                    Contains("has no weights for layer 'dense_1'"));
  nn::Sequential shorter{nn::Conv2D(4, {3, 3}, {.padding = nn::same}), nn::BatchNormalization()};
  shorter.build({4, 4, 1});
  CHECK_THROWS_WITH(io::load_weights(shorter, dir / "three.h5"),
                    Contains("has weights of a layer 'dense' that the model does not have"));
  CHECK(values(other(x)) == before);

  // As many numbers are not enough.
  nn::Sequential two{nn::Conv2D(2, {3, 3}, {.use_bias = false})},
      four{nn::Conv2D(4, {3, 3}, {.use_bias = false})};
  two.build({4, 4, 2});
  four.build({4, 4, 1});
  io::save_model(two, dir / "two.h5");
  CHECK_THROWS_WITH(io::load_weights(four, dir / "two.h5"),
                    Contains("is [3, 3, 2, 2]; the model wants [3, 3, 1, 4]"));
}

TEST_CASE("what cannot be saved is said before a file is touched", "[io]") {
  need_hdf5();
  const test::TempDir dir;
  io::save_model(small_network(), dir / "good.h5");
  const std::string good = read_bytes(dir / "good.h5");
  nn::Sequential unbuilt{nn::Dense(2)};
  CHECK_THROWS_AS(io::save_model(unbuilt, dir / "good.h5"), ValueError);
  nn::Sequential nameless{nn::Dense(2), nn::Activation(Act::gelu_tanh)};
  nameless.build({3});
  CHECK_THROWS_WITH(io::save_model(nameless, dir / "good.h5"),
                    "save_model: layer 'activation' has the activation gelu_tanh, for which Keras "
                    "has no name");
  CHECK(read_bytes(dir / "good.h5") == good);
  CHECK_THROWS_WITH(io::save_model(small_network(), dir / "missing/model.h5"),
                    Contains("missing/model.h5"));
}

}  // namespace
}  // namespace mien
