// The gradient of a bias, where the op that makes the gradient of the sum has it on the way.
#include "lib/ops/column_sum.h"

#include <vector>

#include "lib/core/impl.h"
#include "mien/autograd.h"
#include "mien/ops/batch_norm.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// x + bias, looking at the gradient that reaches it; `asked`: whether somebody took the bias's.
struct Seen {
  Tensor dy;
  bool taken = false;
};
struct WatchGrad {
  static constexpr const char* name = "watch";
  Seen* seen;
  void backward(const GradIn& in, GradOut& dx) {
    seen->dy = in[0].clone();
    seen->taken = !dx.wants(1);
    if (dx.wants(1)) column_sum(name, in[0], dx.into(1));
    dx.add(0, in[0]);
  }
};
Tensor watched(const Tensor& x, const Tensor& bias, Seen& seen) {
  Tensor y = x.clone().detach();
  attach(y, {x, bias}, WatchGrad{&seen});
  adds_bias(y, 1);
  return y;
}

// An op that gives a bias before it another gradient than there is.
struct LiesGrad {
  static constexpr const char* name = "lies";
  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0), bias = dx.bias_of(0);
    Tensor(slot.grad).copy_from(dy[0]);
    if (bias.grad.defined())
      Tensor(bias.grad).copy_from(bias.beta == 0 ? bias.grad * 0.0 + 7.0 : bias.grad + 7.0);
  }
};
Tensor lying(const Tensor& x) {
  Tensor y = x.clone().detach();
  return attach(y, {x}, LiesGrad{});
}

TEST_CASE("batch_norm gives a bias before it its gradient", "[ops]") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const bool pool : {false, true}) {
      const Tensor leaf = random_tensor({3, 5, 4, 18}, 1, -1, 1, dtype).requires_grad();
      const Tensor bias = Tensor::zeros({18}, leaf.options()).requires_grad();
      Seen seen;
      const BatchNormOptions options{.mean = Tensor::zeros({18}, leaf.options()),
                                     .variance = Tensor::ones({18}, leaf.options()),
                                     .relu = true,
                                     .max_pool = pool};
      const auto normed = [&](const Tensor& x) {
        return sum(batch_norm(x, Tensor(), Tensor(), options).y);
      };
      normed(watched(leaf, bias, seen)).backward();
      REQUIRE(seen.taken);
      Tensor total = sum(seen.dy, {0, 1, 2});
      CHECK(relative_error(bias.grad(), total) < 1e-5);
      normed(watched(leaf, bias, seen)).backward();  // is added
      CHECK(relative_error(bias.grad(), 2.0 * total) < 1e-5);
      total = 2.0 * total;
      // Not where another gradient is added, whichever comes first.
      for (const bool before : {false, true}) {
        const Tensor x = watched(leaf, bias, seen);
        const Tensor other = before ? sum(square(x)) : Tensor();
        Tensor all = normed(x);
        all = all + (before ? other : sum(square(x)));
        all.backward();
        CHECK_FALSE(seen.taken);
        total = total + sum(seen.dy, {0, 1, 2});
        CHECK(relative_error(bias.grad(), total) < 1e-5);
      }
      // One that is not walked through takes no share.
      const Tensor x = watched(leaf, bias, seen), unused = square(x);
      normed(x).backward();
      CHECK(seen.taken);
      // Nor where nobody waits.
      normed(watched(leaf, bias.detach(), seen)).backward();
      const Tensor y = normed(watched(leaf, bias, seen));
      const Tensor before = bias.grad().clone();
      const Tensors wanted = grad(y, {leaf});
      CHECK(values(bias.grad()) == values(before));
    }
  }
}

TEST_CASE("a bias keeps the gradient that another op gave it", "[ops]") {
  const Tensor x = Tensor::ones({4, 2}), weight = Tensor::ones({2, 3});
  const Tensor leaf = Tensor::zeros({3}).requires_grad();
  sum(lying(dense(x, weight, leaf))).backward();
  CHECK(values(leaf.grad()) == std::vector<double>(3, 7.0));
  // Of a bias that is computed too.
  const Tensor other = Tensor::zeros({3}).requires_grad();
  sum(lying(dense(x, weight, 2.0 * other))).backward();
  CHECK(values(other.grad()) == std::vector<double>(3, 14.0));
}

}  // namespace
}  // namespace mien
