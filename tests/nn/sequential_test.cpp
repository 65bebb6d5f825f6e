#include "mien/nn/sequential.h"

#include <memory>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("names are Keras's, unique, and may be given", "[nn]") {
  nn::Sequential model{nn::Dense(2), nn::Dense(2, {.name = "head"}), nn::Dense(2),
                       nn::GlobalMaxPooling2D(), nn::LeakyReLU()};
  REQUIRE(model.layer(std::size_t(0)).name() == "dense");
  REQUIRE(model.layer(1).name() == "head");
  REQUIRE(model.layer(2).name() == "dense_1");
  REQUIRE(model.layer(3).name() == "global_max_pooling2d");
  REQUIRE(model.layer(4).name() == "leaky_re_lu");
  REQUIRE_THROWS_WITH(model.add(nn::Dense(1, {.name = "head"})),
                      "layer name 'head' is given twice in one model");
  REQUIRE(&model.layer("head") == &model.layer(1));
  REQUIRE_THROWS_WITH(model.layer("tail"), "Sequential: no layer 'tail'");
}

TEST_CASE("parameters have paths, through models inside models too", "[nn]") {
  nn::Sequential model{nn::Sequential{nn::Dense(2), nn::BatchNormalization()}, nn::Dense(1)};
  model.build({3});
  std::vector<std::string> names;
  for (const NamedTensor& each : model.parameters()) names.push_back(each.name);
  REQUIRE(names == std::vector<std::string>{"sequential/dense/kernel", "sequential/dense/bias",
                                            "sequential/batch_normalization/gamma",
                                            "sequential/batch_normalization/beta", "dense/kernel",
                                            "dense/bias"});
  REQUIRE(model.buffers()[0].name == "sequential/batch_normalization/moving_mean");
}

TEST_CASE("an unbuilt or misfed model says what to do", "[nn]") {
  nn::Sequential model{nn::Flatten(), nn::Dense(2)};
  REQUIRE_THROWS_WITH(
      model(Tensor::zeros({1, 4})),
      "model is not built; call model.build({48, 48, 1}) with the shape of one sample");
  model.build({2, 2});
  REQUIRE_THROWS_WITH(model(Tensor::zeros({1, 3, 2})),
                      "Sequential: the model takes [N, ...] with [2, 2] each; got [1, 3, 2]");
  REQUIRE_THROWS_WITH(model.build({3, 3}),
                      "Sequential: the model was built for [2, 2]; got [3, 3]");
  REQUIRE_THROWS_AS(model.add(nn::Dense(1)), ValueError);
}

TEST_CASE("a clone has bytes of its own, and a load that does not fit changes nothing", "[nn]") {
  nn::Sequential model{nn::Dense(2), nn::BatchNormalization(), nn::Dense(1)};
  model.layer(std::size_t(0)).freeze();
  model.build({3});
  model.metadata().set("color_mode", "grayscale");
  nn::Sequential copy = nn::clone(model);
  REQUIRE(copy.layer(std::size_t(0)).frozen());
  REQUIRE(copy.metadata().get_string("color_mode", "") == "grayscale");
  const Tensor x = random_tensor({4, 3}, 1, -1, 1, DType::f32);
  const std::vector<double> before = values(model(x));
  REQUIRE(values(copy(x)) == before);
  Tensor weight = copy.parameters()[0].value;
  weight.copy_from(Tensor::zeros(weight.shape()));
  REQUIRE(values(model(x)) == before);

  State state;
  model.save(state);
  state.set("dense_1/bias", Tensor::zeros({5}));
  const std::vector<double> zeroed = values(copy(x));
  REQUIRE_THROWS_WITH(copy.load(state), "load: weight 'dense_1/bias' is [1] in the model; got [5]");
  REQUIRE(values(copy(x)) == zeroed);
}

// What a user writes.
class Scale : public nn::Layer {
 public:
  Shape build(const Shape& in) override {
    if (!gamma_.defined()) gamma_ = param("gamma", {in[-1]}, nn::constant(3));
    return in;
  }
  using nn::Layer::build;
  Tensor forward(const Tensor& x, nn::Pass&) const override { return x * gamma_; }
  std::string_view kind() const override { return "Scale"; }

 private:
  Tensor gamma_;
};

TEST_CASE("a user's layer works like any other, and is known once registered", "[nn]") {
  nn::Sequential model{nn::Dense(2), Scale()};
  model.build({3});
  REQUIRE(model.parameters()[2].name == "scale/gamma");
  REQUIRE(values(model(Tensor::zeros({1, 3}))) == std::vector<double>{0, 0});
  REQUIRE_THROWS_WITH(nn::clone(model),
                      "unknown layer 'Scale' ('scale'): make it known with nn::register_layer()");
  nn::register_layer("Scale", [](const nn::Config&) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Scale>();
  });
  REQUIRE(nn::clone(model).parameters().size() == 3);
}

}  // namespace
}  // namespace mien
