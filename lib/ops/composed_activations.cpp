#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

// Activations that are rare enough to be made of other ops. Conditions are put so that NaN stays.

namespace mien {

Tensor relu6(const Tensor& x) { return clip(x, 0, 6); }
Tensor hard_silu(const Tensor& x) { return x * hard_sigmoid(x); }
Tensor hard_sigmoid_2(const Tensor& x) { return clip(scale_shift(x, 0.2, 0.5), 0, 1); }
Tensor hard_tanh(const Tensor& x) { return clip(x, -1, 1); }
Tensor mish(const Tensor& x) { return x * tanh(softplus(x)); }
Tensor softsign(const Tensor& x) { return x / (abs(x) + 1); }
Tensor log_sigmoid(const Tensor& x) { return -softplus(-x); }
Tensor tanh_shrink(const Tensor& x) { return x - tanh(x); }
Tensor sparse_sigmoid(const Tensor& x) { return clip(scale_shift(x, 0.5, 0.5), 0, 1); }

Tensor celu(const Tensor& x, double alpha) {
  MIEN_CHECK(alpha > 0, ValueError, "celu: alpha must be above 0; got ", alpha);
  return alpha == 1 ? elu(x) : elu(x / alpha) * alpha;
}

Tensor soft_shrink(const Tensor& x, double threshold) {
  MIEN_CHECK(threshold >= 0, ValueError, "soft_shrink: threshold must not be negative; got ",
             threshold);
  return where(less_equal(abs(x), threshold), 0, x - sign(x) * threshold);
}

Tensor hard_shrink(const Tensor& x, double threshold) {
  return where(less_equal(abs(x), threshold), 0, x);
}

Tensor squareplus(const Tensor& x, double b) {
  MIEN_CHECK(b >= 0, ValueError, "squareplus: b must not be negative; got ", b);
  return (x + sqrt(square(x) + b)) * 0.5;
}

Tensor sparse_plus(const Tensor& x) { return where(less(x, 1), square(relu(x + 1)) * 0.25, x); }

// Sorted x_1 >= x_2 .. would give the support as those with 1 + k x_k > x_1 + .. + x_k. The same k
// and sum belong to an element by comparison with all: equal ones count alike.
Tensor sparsemax(const Tensor& x) {
  MIEN_CHECK(x.rank() >= 1, ShapeError, "sparsemax: input must have an axis; got ", x.shape());
  if (x.numel() == 0) return x * 1;
  const Tensor values = x.detach();
  const Tensor self = expand_dims(values, -1), others = expand_dims(values, -2);
  const Tensor larger = greater_equal(others, self);  // [.., i, j]: x_j >= x_i
  const Tensor count = sum(larger.to(x.dtype()), -1);
  const Tensor total = sum(where(larger, others, 0), -1);
  const Tensor inside = greater(count * values + 1, total);
  const Tensor size = sum(inside.to(x.dtype()), -1, {.keepdims = true});
  return relu(x - (sum(where(inside, x, 0), -1, {.keepdims = true}) - 1) / size);
}

Tensor glu(const Tensor& x, int axis) {
  const std::int64_t size = x.shape()[axis];
  MIEN_CHECK(size % 2 == 0, ShapeError, "glu: axis ", axis, " must be of even size; got ",
             x.shape());
  return slice(x, axis, {.end = size / 2}) * sigmoid(slice(x, axis, {.begin = size / 2}));
}

}  // namespace mien
