#include "mien/optim/optimizer.h"

#include <cmath>
#include <utility>
#include <vector>

#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "mien/optim.h"
#include "mien/runtime.h"
#include "mien/state.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien::optim {
namespace {

using Numbers = std::vector<double>;
using Parameters = std::vector<NamedTensor>;

Tensor leaf(std::initializer_list<double> v, DType dtype = DType::f32) {
  return Tensor::from(v, {std::int64_t(v.size())}, {.dtype = dtype}).requires_grad();
}

// One step by the gradient of sum(w^2) / 2 over all, which is w itself.
void shrink(Optimizer& optimizer, std::initializer_list<Tensor> parameters) {
  optimizer.zero_grad();
  for (const Tensor& w : parameters) (sum(w * w) * .5).backward();
  optimizer.step();
}

TEST_CASE("parameters lie side by side in one flat buffer, 64 bytes apart", "[optim]") {
  const Tensor a = leaf({1, 2, 3}), b = Tensor::ones({4, 5}).requires_grad(),
               frozen = Tensor::ones({2});
  const Tensor c = leaf({7});
  SGD sgd(.5);
  sgd.bind(Parameters{{"a", a}, {"frozen", frozen}, {"b", b}, {"c", c}});
  const auto at = [&](const Tensor& t) {
    return static_cast<const char*>(t.raw()) - static_cast<const char*>(a.raw());
  };
  CHECK(at(b) == 64);
  CHECK(at(c) == 192);
  CHECK(at(frozen) == 256);  // last
  CHECK(values(a) == Numbers{1, 2, 3});
  shrink(sgd, {a, b, c});
  CHECK(values(a) == Numbers{.5, 1, 1.5});
  CHECK(values(frozen) == Numbers{1, 1});
  CHECK(values(b.grad()) == Numbers(20, 1));
}

TEST_CASE("zero_grad forgets without writing, and a step clears what nobody wrote", "[optim]") {
  const Tensor a = leaf({1}), b = leaf({1});
  SGD sgd(1);
  sgd.bind(Parameters{{"a", a}, {"b", b}});
  sgd.zero_grad();
  sum(2 * a + 3 * b).backward();
  sum(2 * a).backward();
  CHECK(values(a.grad()) == Numbers{4});
  sgd.step();
  CHECK(values(a) == Numbers{-3});
  CHECK(values(b) == Numbers{-2});
  sgd.zero_grad();
  CHECK_FALSE(a.grad().defined());
  sum(5 * b).backward();
  sgd.step();
  CHECK(values(a) == Numbers{-3});  // not by its old gradient
  CHECK(values(b) == Numbers{-7});
}

TEST_CASE("a gradient from before bind() counts", "[optim]") {
  const Tensor w = leaf({1});
  sum(3 * w).backward();
  SGD sgd(1);
  sgd.bind(Parameters{{"w", w}});
  sum(w).backward();
  sgd.step();
  CHECK(values(w) == Numbers{-3});
}

TEST_CASE("a view taken before bind() is refused, the parameter's handles follow", "[optim]") {
  const Tensor w = leaf({1, 2}), handle = w;
  const Tensor view = w.detach();
  SGD sgd(1);
  sgd.bind(Parameters{{"w", w}});
  shrink(sgd, {w});
  CHECK(values(handle) == Numbers{0, 0});
  CHECK_THROWS_WITH(values(view),
                    Contains("was a view of a parameter taken before the optimizer was bound"));
}

TEST_CASE("frozen parameters are neither updated nor decayed", "[optim]") {
  Tensor a = leaf({1}), b = leaf({1});
  Adam adam(.1, {.weight_decay = .5});
  adam.bind(Parameters{{"a", a}, {"b", b}});
  shrink(adam, {a, b});
  const Numbers kept = values(b), moving = values(a);
  b.requires_grad(false);
  shrink(adam, {a});
  shrink(adam, {a});
  CHECK(values(b) == kept);
  CHECK(values(a)[0] < moving[0]);
  b.requires_grad();
  shrink(adam, {a, b});
  CHECK(values(b)[0] < kept[0]);
}

TEST_CASE("binding again keeps what belongs to a parameter", "[optim]") {
  // Two runs: one with a second parameter that comes and goes between the steps.
  const Tensor plain = leaf({1, -2}), w = leaf({1, -2}), guest = leaf({5});
  Adam first(.1, {.use_ema = true}), second(.1, {.use_ema = true});
  first.bind(Parameters{{"w", plain}});
  second.bind(Parameters{{"w", w}});
  const auto step = [&] {
    shrink(first, {plain});
    shrink(second, {w});
  };
  step();
  second.bind(Parameters{{"guest", guest}, {"w", w}});
  step();
  CHECK(values(guest)[0] == 5);
  second.bind(Parameters{{"w", w}});
  step();
  CHECK(values(plain) == values(w));
  CHECK(values(guest) == Numbers{5});  // has bytes of its own now
  const EmaSwap a = first.swap_ema(), b = second.swap_ema();
  CHECK(values(plain) == values(w));
}

TEST_CASE("binding the same parameters again moves nothing", "[optim]") {
  const Tensor w = leaf({1});
  SGD sgd(1);
  sgd.bind(Parameters{{"w", w}});
  const void* before = w.raw();
  sgd.bind(Parameters{{"w", w}});
  CHECK(w.raw() == before);
}

TEST_CASE("another optimizer may take some of the parameters over", "[optim]") {
  const Tensor body = leaf({1}), head = leaf({1});
  SGD all(1), only_head(.5);
  all.bind(Parameters{{"body", body}, {"head", head}});
  only_head.bind(Parameters{{"head", head}});
  shrink(only_head, {head});
  CHECK(values(head) == Numbers{.5});
  CHECK(values(body) == Numbers{1});
  CHECK_THROWS_WITH(all.step(), Contains("step: 'head' was bound to another optimizer since"));
}

TEST_CASE("parameters of two dtypes are trained together", "[optim]") {
  const Tensor a = leaf({1}), b = leaf({1}, DType::f64);
  SGD sgd(.5);
  sgd.bind(Parameters{{"a", a}, {"b", b}});
  shrink(sgd, {a, b});
  CHECK(values(a) == Numbers{.5});
  CHECK(values(b) == Numbers{.5});
}

TEST_CASE("a parameter that two layers share is trained once", "[optim]") {
  const Tensor w = leaf({1});
  SGD sgd(.25);
  sgd.bind(Parameters{{"one/w", w}, {"two/w", w}});
  shrink(sgd, {w});
  CHECK(values(w) == Numbers{.75});
}

TEST_CASE("weight decay leaves out names and vectors", "[optim]") {
  const Tensor kernel = Tensor::ones({1, 1}).requires_grad(), bias = leaf({1});
  const auto after = [&](const SGDOptions& options) {
    kernel.detach().copy_from(Tensor::ones({1, 1}));
    bias.detach().copy_from(Tensor::ones({1}));
    SGD sgd(1, options);
    sgd.bind(Parameters{{"dense/bias", bias}, {"dense/kernel", kernel}});
    sgd.step();
    return Numbers{values(kernel)[0], values(bias)[0]};
  };
  CHECK(after({.weight_decay = .5}) == Numbers{.5, .5});
  CHECK(after({.weight_decay = .5, .exclude_from_weight_decay = {"bias"}}) == Numbers{.5, 1});
  CHECK(after({.weight_decay = .5, .decay_vectors = false}) == Numbers{.5, 1});
}

TEST_CASE("a saved and loaded optimizer goes on to the bit", "[optim]") {
  const auto make = [] { return Adam(.1, {.global_clipnorm = 1, .use_ema = true}); };
  const Tensor a = leaf({1, -2, 3}), b = leaf({1, -2, 3});
  Adam whole = make(), resumed = make();
  whole.bind(Parameters{{"w", a}});
  for (int i = 0; i < 3; ++i) shrink(whole, {a});
  whole.set_lr(.05);
  State state;
  whole.save(state);
  b.detach().copy_from(a);
  resumed.bind(Parameters{{"w", b}});
  resumed.load(state);
  CHECK(resumed.lr() == .05);
  CHECK(resumed.iterations() == 3);
  for (int i = 0; i < 3; ++i) {
    shrink(whole, {a});
    shrink(resumed, {b});
  }
  CHECK(values(a) == values(b));
  const EmaSwap one = whole.swap_ema(), two = resumed.swap_ema();
  CHECK(values(a) == values(b));
}

TEST_CASE("load() checks all before it changes anything", "[optim]") {
  const Tensor w = leaf({1, 2});
  Adam adam(.1);
  adam.bind(Parameters{{"w", w}});
  State state;
  adam.save(state);
  SGD sgd(.1);
  sgd.bind(Parameters{{"w", w}});
  CHECK_THROWS_WITH(sgd.load(state), "checkpoint: its optimizer is Adam, not SGD");
  state.group("parameters").group("w").set("velocity", Tensor::zeros({3}));
  state.set("iterations", 7);
  adam.bind(Parameters{{"w", w}});
  CHECK_THROWS_WITH(adam.load(state), "checkpoint: velocity of 'w' is [3]; the parameter is [2]");
  CHECK(adam.iterations() == 0);
}

TEST_CASE("the third step asks the system for no memory", "[optim]") {
  const Tensor w = Tensor::ones({1000}).requires_grad();
  Adam adam(.1, {.weight_decay = .1, .global_clipnorm = 1, .use_ema = true});
  adam.bind(Parameters{{"w", w}});
  shrink(adam, {w});
  shrink(adam, {w});
  const std::size_t before = memory_stats().system_calls;
  shrink(adam, {w});
  CHECK(memory_stats().system_calls == before);
}

class SignDescent : public Optimizer {
 public:
  explicit SignDescent(LearningRate lr) : Optimizer(std::move(lr), {}) {}
  std::string_view kind() const override { return "SignDescent"; }

 protected:
  std::vector<OptimizerSlot> slots() const override { return {}; }
  void update(const OptimizerUpdate& u) const override {
    Tensor weights = u.weights;
    weights.copy_from(weights - sign(u.gradient) * u.lr);
  }
};

TEST_CASE("one can write an optimizer of one's own", "[optim]") {
  const Tensor w = leaf({1, -2, 0});
  SignDescent optimizer(.25);
  optimizer.bind(Parameters{{"w", w}});
  shrink(optimizer, {w});
  CHECK(values(w) == Numbers{.75, -1.75, 0});
}

TEST_CASE("optimizers say what they wanted", "[optim]") {
  Adam adam;
  CHECK(adam.lr() == 1e-3);
  CHECK_THROWS_WITH(adam.step(), "step: Adam has no parameters yet; call bind(model.parameters())");
  CHECK_THROWS_WITH(adam.bind({}), "model is not built; call model.build({48, 48, 1})");
  CHECK_THROWS_WITH(adam.bind(Parameters{{"w", Tensor()}}),
                    "model is not built; call model.build({48, 48, 1})");
  CHECK_THROWS_WITH(adam.bind(Parameters{{"n", Tensor::zeros({1}, {.dtype = DType::i32})}}),
                    "bind: 'n' must be f32 or f64; got i32");
  CHECK_THROWS_WITH(adam.bind(Parameters{{"y", 2 * leaf({1})}}),
                    "bind: 'y' is the result of an op, not a parameter");
  CHECK_FALSE(adam.bound());
  CHECK_THROWS_WITH(SGD(-1), "optimizer: a learning rate must be finite and not negative; got -1");
  CHECK_THROWS_WITH(adam.set_lr(std::nan("")), Contains("must be finite"));
  CHECK_THROWS_WITH(Adam(.1, {.clipnorm = 1, .clipvalue = 1}),
                    "optimizer: only one of clipnorm, global_clipnorm and clipvalue can be set");
  CHECK_THROWS_WITH(Adam(.1, {.beta_1 = 1}), "Adam: beta_1 must be in [0, 1); got 1");
  SGD scheduled(StepDecay(.1, 10));
  CHECK(scheduled.scheduled());
  CHECK_THROWS_WITH(scheduled.set_lr(.1), "set_lr: SGD's learning rate follows a schedule");
}

}  // namespace
}  // namespace mien::optim
