#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "lib/nn/fusion.h"
#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Blocks as in networks of convolutions, with ends that fuse in part or not at all.
nn::Sequential chain() {
  nn::Sequential model{nn::Conv2D(16, {3, 3}, {.padding = nn::same}),
                       nn::BatchNormalization(),
                       nn::Activation(Act::relu),
                       nn::MaxPooling2D(),
                       nn::Dropout(0.25),
                       nn::Conv2D(8, {3, 3}, {.use_bias = false}),
                       nn::BatchNormalization({.scale = false}),
                       nn::ReLU(),
                       nn::Dropout(0.5),
                       nn::MaxPooling2D(),
                       nn::BatchNormalization(),
                       nn::MaxPooling2D({3, 3}, {.strides = {2, 2}, .padding = nn::same}),
                       nn::Flatten()};
  model.add(nn::Dense(24)).add(nn::BatchNormalization()).add(nn::Activation(Act::relu));
  model.add(nn::Dropout(0.1)).add(nn::Dense(5)).add(nn::BatchNormalization());
  model.add(nn::Activation(Act::tanh));
  model.build({12, 12, 3});
  return model;
}

nn::Graph residual() {
  nn::Graph g;
  const auto norm_of = [&g](nn::Graph::Value x, int filters, int stride) {
    const auto y =
        g.add(nn::Conv2D(filters, {3, 3}, {.strides = {stride, stride}, .padding = nn::same}), x);
    return g.add(nn::BatchNormalization(), y);
  };
  auto x = g.input({8, 8, 4});
  for (const int stride : {1, 2}) {
    auto y = g.add(nn::Activation(Act::relu), norm_of(x, 4 * stride, stride));
    y = g.add(nn::Dropout(0.2), y);
    y = norm_of(y, 4 * stride, 1);
    const auto shortcut = stride == 1 ? x : norm_of(x, 8, 2);
    x = g.add(nn::Activation(Act::relu), g.add(nn::Add(), {shortcut, y}));
  }
  // Used twice, and an output of the graph: neither may vanish in a chain.
  const auto seen = norm_of(x, 4, 1);
  const auto on = g.add(nn::Activation(Act::relu), seen);
  g.output(seen);
  g.output(g.add(nn::Add(), {seen, on}));
  // One layer called twice.
  nn::Module& shared = g.own(nn::BatchNormalization());
  const auto once = g.add(nn::Activation(Act::relu), g.call(shared, {x}));
  g.output(g.call(shared, {once}));
  return g;
}

enum class Mode { training, inference, frozen };

// Outputs, gradients and moving statistics after two passes.
template <class Model>
std::vector<Tensor> results(Model& model, const Tensor& data, Mode mode, bool fused) {
  model.fuse(fused);
  std::vector<nn::Module*> norms;
  for (std::size_t i = 0; i < model.children(); ++i)
    if (model.child_at(i).kind() == "BatchNormalization") norms.push_back(&model.child_at(i));
  if (mode == Mode::frozen)
    for (std::size_t i = 0; i < norms.size(); i += 2) norms[i]->freeze();
  std::vector<Tensor> out;
  Generator random(3);
  nn::Pass pass{.training = mode != Mode::inference, .random = &random};
  for (int step = 0; step < 2; ++step) {
    for (const NamedTensor& each : model.parameters()) Tensor(each.value).zero_grad();
    const Tensor x = data.clone().requires_grad();
    const Tensors y = model.call(std::span<const Tensor>(&x, 1), pass);
    Tensor loss = Tensor::scalar(0, data.options());
    for (std::size_t i = 0; i < y.size(); ++i)
      loss = loss + sum(y[i] * random_tensor(y[i].shape(), 5 + i, -1, 1, data.dtype()));
    loss.backward();
    out.insert(out.end(), y.begin(), y.end());
    out.push_back(x.grad());
  }
  for (const NamedTensor& each : model.parameters())
    if (each.value.needs_grad()) out.push_back(each.value.grad());
  for (const NamedTensor& each : model.buffers()) out.push_back(each.value);
  return out;
}

template <class Make>
void compare(Make make, const Shape& input) {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    set_cpu_isa(isa);
    for (const DType dtype : {DType::f64, DType::f32}) {
      if (dtype == DType::f64 && isa != "base") continue;  // the same everywhere
      for (const Mode mode : {Mode::training, Mode::inference, Mode::frozen}) {
        INFO(isa << " " << name_of(dtype) << " mode " << int(mode));
        const Tensor data = random_tensor(input, 1, -1, 1, dtype);
        set_random_seed(1);
        auto apart = make();
        apart.to(dtype);
        set_random_seed(1);
        auto together = make();
        together.to(dtype);
        const auto wanted = results(apart, data, mode, false);
        const auto got = results(together, data, mode, true);
        REQUIRE(got.size() == wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
          INFO("tensor " << i << " " << wanted[i].shape().str());
          // Before a normalization by the batch a bias's gradient is 0 up to rounding.
          double size = 0;
          for (const double each : values(wanted[i])) size = std::max(size, std::abs(each));
          const double exact = dtype == DType::f64 ? 1e-9 : 2e-4;
          if (size < exact) {
            for (const double each : values(got[i])) CHECK(std::abs(each) < 10 * exact);
          } else {
            CHECK(relative_error(got[i], wanted[i]) < exact);
          }
        }
      }
    }
  }
}

TEST_CASE("a Sequential gives the same with layers together and one by one", "[nn]") {
  compare(chain, {6, 12, 12, 3});
}

TEST_CASE("a Graph gives the same with layers together and one by one", "[nn]") {
  compare(residual, {5, 8, 8, 4});
}

TEST_CASE("what may be computed together is found", "[nn]") {
  const nn::BatchNormalization norm;
  const Shape image{6, 6, 4};
  const auto fits = [&](const auto&... layers) {
    nn::FusedLayers fused = nn::begin_fusion(norm);
    return (nn::extend_fusion(fused, layers, image) && ...);
  };
  const nn::Activation relu(Act::relu), tanh(Act::tanh);
  const nn::MaxPooling2D pool, wide({3, 3}), overlapping({2, 2}, {.strides = {1, 1}});
  const nn::MaxPooling2D same({2, 2}, {.padding = nn::same});
  const nn::Dropout drop(0.5);
  CHECK(fits(relu, pool, drop));
  CHECK(fits(relu, drop));
  CHECK(fits(same));
  CHECK(fits(nn::ReLU(), same));
  CHECK_FALSE(fits(tanh));
  CHECK_FALSE(fits(nn::ReLU({.max_value = 6})));
  CHECK_FALSE(fits(nn::LeakyReLU()));
  CHECK_FALSE(fits(pool, relu));
  CHECK_FALSE(fits(drop, pool));
  CHECK_FALSE(fits(wide));
  CHECK_FALSE(fits(overlapping));
  CHECK_FALSE(fits(nn::Add()));  // of one input
  nn::FusedLayers fused = nn::begin_fusion(norm);
  CHECK_FALSE(nn::extend_fusion(fused, same, Shape{5, 6, 4}));
  CHECK_FALSE(nn::extend_fusion(fused, nn::Add(), {image, Shape{1, 1, 4}}));
  CHECK(nn::extend_fusion(fused, nn::Add(), {image, image}));
  CHECK(nn::begin_fusion(relu).layers == 0);
}

TEST_CASE("a layer derived from one that fuses is called as it is", "[nn]") {
  struct Doubled : nn::BatchNormalization {
    using nn::BatchNormalization::forward;
    Tensor forward(const Tensor& x, nn::Pass& pass) const override {
      return 2 * nn::BatchNormalization::forward(x, pass);
    }
  };
  nn::Sequential plain{nn::BatchNormalization(), nn::Activation(Act::relu)};
  nn::Sequential doubled;
  doubled.add(Doubled()).add(nn::Activation(Act::relu));
  plain.build(Shape{4});
  doubled.build(Shape{4});
  const Tensor x = random_tensor({3, 4}, 1, -1, 1, DType::f32);
  CHECK(relative_error(doubled(x), 2 * plain(x)) < 1e-6);
}

}  // namespace
}  // namespace mien
