#include "lib/ops/column_sum.h"

#include <vector>

#include "mien/autograd.h"
#include "mien/ops/batch_norm.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// An op with a bias, to look at the gradient that reaches it.
struct WatchGrad {
  static constexpr const char* name = "watch";
  Tensor* sum;
  Tensor* dy;
  void backward(const GradIn& in, GradOut& dx) {
    *sum = noted_column_sum(in[0]);
    *dy = in[0].clone();
    dx.add(0, in[0]);
  }
};
Tensor watched(const Tensor& x, Tensor* sum, Tensor* dy) {
  Tensor y = x.clone().detach();
  attach(y, {x}, WatchGrad{sum, dy});
  want_column_sum(y);
  return y;
}

// An op that says of its gradient what is not so.
struct LiesGrad {
  static constexpr const char* name = "lies";
  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    Tensor(slot.grad).copy_from(dy[0]);
    note_column_sum(slot.grad, Tensor::full({dy[0].shape()[-1]}, 7, dy[0].options()));
  }
};
Tensor lying(const Tensor& x) {
  Tensor y = x.clone().detach();
  return attach(y, {x}, LiesGrad{});
}

TEST_CASE("batch_norm notes the sum of its gradient for an op with a bias before it", "[ops]") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const bool pool : {false, true}) {
      const Tensor leaf = random_tensor({3, 5, 4, 18}, 1, -1, 1, dtype).requires_grad();
      Tensor noted, dy;
      const BatchNormOptions options{.mean = Tensor::zeros({18}, leaf.options()),
                                     .variance = Tensor::ones({18}, leaf.options()),
                                     .relu = true,
                                     .max_pool = pool};
      sum(batch_norm(watched(leaf, &noted, &dy), Tensor(), Tensor(), options).y).backward();
      REQUIRE(noted.defined());
      CHECK(relative_error(noted, sum(dy, {0, 1, 2})) < 1e-5);
      // Not where another gradient is added, whichever comes first.
      for (const bool before : {false, true}) {
        const Tensor x = watched(leaf, &noted, &dy);
        const Tensor other = before ? sum(square(x)) : Tensor();
        Tensor all = sum(batch_norm(x, Tensor(), Tensor(), options).y);
        all = all + (before ? other : sum(square(x)));
        all.backward();
        CHECK_FALSE(noted.defined());
      }
    }
  }
}

TEST_CASE("a bias takes the noted sum for its gradient", "[ops]") {
  const Tensor x = Tensor::ones({4, 2}), weight = Tensor::ones({2, 3});
  const Tensor bias = Tensor::zeros({3}).requires_grad();
  sum(lying(dense(x, weight, bias))).backward();
  CHECK(values(bias.grad()) == std::vector<double>(3, 7.0));
}

}  // namespace
}  // namespace mien
