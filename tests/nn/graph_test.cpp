#include "mien/nn/graph.h"

#include <vector>

#include "mien/base/error.h"
#include "mien/nn.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// A residual block, a shared layer, two inputs and two outputs.
nn::Graph sample() {
  nn::Graph g;
  const auto a = g.input({4, 4, 2}), b = g.input({3}, "side");
  auto y = g.add(nn::Conv2D(2, {3, 3}, {.padding = nn::same}), a);
  y = g.add(nn::Add(), {a, y});
  const auto flat = g.add(nn::Flatten(), y);
  nn::Module& shared = g.own(nn::Dense(5, {.name = "shared"}));
  const auto long_side = g.add(nn::Dense(3), flat);
  const auto left = g.call(shared, {long_side}), right = g.call(shared, {b});
  g.output(g.add(nn::Concatenate(), {left, right}));
  g.output(left);
  return g;
}

TEST_CASE("a graph runs residual, shared and several-input networks with right gradients", "[nn]") {
  nn::Graph g = sample();
  g.to(DType::f64);
  Tensors in{random_tensor({2, 4, 4, 2}, 1), random_tensor({2, 3}, 2)};
  Tensors leaves = in;
  leaves[0].requires_grad();
  leaves[1].requires_grad();
  for (const NamedTensor& each : g.parameters()) leaves.push_back(each.value);
  REQUIRE(g.parameters().size() == 6);
  const auto forward = [&] {
    nn::Pass pass;
    const Tensors out = g.call(std::span<const Tensor>(leaves.data(), 2), pass);
    REQUIRE(out.size() == 2);
    REQUIRE(out[1].shape() == Shape{2, 5});
    return out[0];
  };
  REQUIRE(forward().shape() == Shape{2, 10});
  REQUIRE(gradcheck_leaves(forward, leaves) == "");
}

TEST_CASE("a shared layer gives both calls the same weights", "[nn]") {
  nn::Graph g;
  const auto a = g.input({3}), b = g.input({3});
  nn::Module& shared = g.own(nn::Dense(2));
  g.output(g.call(shared, {a}));
  g.output(g.call(shared, {b}));
  const Tensor x = random_tensor({1, 3}, 1, -1, 1, DType::f32);
  nn::Pass pass;
  const Tensors out = g.call(Tensors{x, x}, pass);
  REQUIRE(values(out[0]) == values(out[1]));
  REQUIRE(g.parameters().size() == 2);
}

TEST_CASE("a graph comes back from its config and can be cloned", "[nn]") {
  const nn::Graph g = sample();
  const nn::Graph copy = nn::clone(g);
  const Tensors in{random_tensor({2, 4, 4, 2}, 1, -1, 1, DType::f32),
                   random_tensor({2, 3}, 2, -1, 1, DType::f32)};
  nn::Pass pass;
  const Tensors x = g.call(in, pass), y = copy.call(in, pass);
  REQUIRE(values(x[0]) == values(y[0]));
  REQUIRE(values(x[1]) == values(y[1]));
  Tensor weight = copy.parameters()[0].value;
  weight.copy_from(Tensor::zeros(weight.shape()));
  REQUIRE(values(g.call(in, pass)[0]) == values(x[0]));  // bytes of its own
}

TEST_CASE("a graph says what does not fit", "[nn]") {
  nn::Graph g = sample(), other;
  const auto foreign = other.input({2});
  nn::Pass pass;
  REQUIRE_THROWS_WITH(g.call(Tensors{Tensor::zeros({1, 3})}, pass), "Graph: has 2 inputs; got 1");
  REQUIRE_THROWS_WITH(g.call(Tensors{Tensor::zeros({1, 3}), Tensor::zeros({1, 3})}, pass),
                      "Graph: input 'input_layer' takes [N, ...] with [4, 4, 2] each; got [1, 3]");
  nn::Module& owned = other.own(nn::Flatten());
  REQUIRE_THROWS_WITH(g.call(owned, {foreign}),
                      "Graph: layer 'flatten' is not of this graph; take it in with own()");
  REQUIRE_THROWS_WITH(other.output({7, 0}), "Graph: a value is not of this graph");
  REQUIRE_THROWS_WITH(g.add(nn::Subtract(), {nn::Graph::Value{0, 0}}),
                      "Subtract: takes two inputs; got 1");
  REQUIRE_THROWS_WITH(g.add(nn::Concatenate(), {nn::Graph::Value{0, 0}, nn::Graph::Value{1, 0}}),
                      "Concatenate: samples of [4, 4, 2] and [3] differ beside axis -1");
  REQUIRE(g.children() == 6);  // what did not fit was not taken in
}

}  // namespace
}  // namespace mien
