#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/args_image.h"
#include "kernels/args_rows.h"
#include "mien/base/act.h"
#include "mien/base/conv_math.h"
#include "mien/base/dtype.h"
#include "mien/base/matmul_math.h"

// The border between ops and kernels: plain structs of pointers and sizes, and one table of
// functions per device and element type. T below is the table's element type, that of activations
// and their gradients; beside bf16, weights, biases, statistics, sums and their gradients are f32,
// but products read weights in T.
// Pointers are to contiguous row-major data. Every kernel with a `beta` writes beta * old + new,
// and does not read old where beta is 0. Kernels never throw and never allocate: what they need
// beyond their arguments comes as scratch.

namespace mien {

inline constexpr int kMaxAxes = 6;

// ---- elementwise ----
enum class UnaryOp : std::uint8_t {
  neg,
  exp,
  log,
  sqrt,
  square,
  abs,
  sign,
  reciprocal,
  pow,          // pow: x^alpha
  scale_shift,  // alpha * x + beta_
  clip,         // to [alpha, beta_]
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  gelu_tanh,
  silu,
  sigmoid,
  hard_sigmoid,
  tanh,
  softplus  // alpha: slope or scale
};
struct UnaryArgs {
  UnaryOp op;
  std::int64_t n;
  const void* x;
  void* y;
  double alpha, beta_;
};
/// Which of its tensors an op's derivative is computed from.
enum class Keeps : std::uint8_t { nothing, x, y };
constexpr Keeps keeps(UnaryOp op) {
  switch (op) {
    case UnaryOp::neg:
    case UnaryOp::sign:
    case UnaryOp::scale_shift:
      return Keeps::nothing;
    case UnaryOp::exp:
    case UnaryOp::sqrt:
    case UnaryOp::reciprocal:
    case UnaryOp::relu:
    case UnaryOp::leaky_relu:
    case UnaryOp::elu:
    case UnaryOp::selu:
    case UnaryOp::sigmoid:
    case UnaryOp::tanh:
    case UnaryOp::softplus:
      return Keeps::y;
    default:
      return Keeps::x;
  }
}
/// dx = beta dx + dy f'(x), from x or y = f(x) as keeps() says; the other may be null. dx may be
/// dy.
struct UnaryGradArgs {
  UnaryOp op;
  std::int64_t n;
  const void *dy, *x, *y;
  void* dx;
  double beta, alpha, beta_;
};

enum class BinaryOp : std::uint8_t { add, sub, mul, div, pow, minimum, maximum };
enum class CompareOp : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
/// Broadcast walk over the output; a stride of 0 repeats an axis. Strides in elements.
struct BroadcastArgs {
  int rank;
  std::int64_t dims[kMaxAxes], a_strides[kMaxAxes], b_strides[kMaxAxes];
};
struct BinaryArgs {
  BinaryOp op;
  BroadcastArgs walk;
  const void *a, *b;
  void* y;
};
/// out[i] = beta out[i] + dy[i] * d op / d (a where input is 0, b where 1), over the output's
/// elements (a sum to the input's shape may follow). add and sub do not read a and b.
struct BinaryGradArgs {
  BinaryOp op;
  int input;
  BroadcastArgs walk;
  const void *dy, *a, *b;
  void* out;
  double beta;
};
struct CompareArgs {
  CompareOp op;
  BroadcastArgs walk;
  const void *a, *b;
  std::uint8_t* y;
};
/// y = condition ? a : b, all of the same n elements; a null reads as 0 (so that it is its own
/// backward).
struct WhereArgs {
  std::int64_t n;
  const std::uint8_t* condition;
  const void *a, *b;
  void* y;
  double beta;
};
struct FillArgs {
  std::int64_t n;
  void* y;
  double value;
};
/// y = beta y + alpha x. live_scale: see LiveRate; alpha counts *live_scale times where it is
/// given.
struct AxpyArgs {
  std::int64_t n;
  double alpha;
  const void* x;
  void* y;
  double beta;
  const float* live_scale = nullptr;
};
struct CastArgs {
  DType from, to;
  std::int64_t n;
  const void* x;
  void* y;
};

// ---- movement ----
/// y[sum i*y_strides] = beta y[...] + x[sum i*x_strides] over dims: transpose, slice, pad,
/// concatenate, broadcast.
struct CopyArgs {
  int rank;
  std::int64_t dims[kMaxAxes], x_strides[kMaxAxes], y_strides[kMaxAxes];
  const void* x;
  void* y;
  double beta;
};
/// y[o, i, k] = x[o, indices[i], k]; x: [outer, axis, inner], y: [outer, count, inner].
struct GatherArgs {
  std::int64_t outer, axis, inner, count;
  const std::int32_t* indices;
  const void* x;
  void* y;
};
/// dx[o, indices[i], k] += dy[o, i, k], dx multiplied by beta first; in the order of i.
struct GatherGradArgs {
  std::int64_t outer, axis, inner, count;
  const std::int32_t* indices;
  const void* dy;
  void* dx;
  double beta;
};

// ---- reductions ----
enum class ReduceOp : std::uint8_t { sum, max, min };
/// x: dims; y: the axes that are not reduced, in order. y = beta y + alpha * reduce(x) (alpha, beta
/// for sum only).
struct ReduceArgs {
  ReduceOp op;
  int rank;
  std::int64_t dims[kMaxAxes];
  bool reduced[kMaxAxes];
  const void* x;
  void* y;
  double alpha, beta;
  bool to_f32 = false;  // of the bf16 table: y is f32 (for sum only)
};
/// First position of the largest along the middle axis: [outer, axis, inner] -> i32 [outer, inner].
struct ArgmaxArgs {
  std::int64_t outer, axis, inner;
  const void* x;
  std::int32_t* y;
};
/// *y = sum of x[i]^2 as double (fixed order).
struct SquareSumArgs {
  std::int64_t n;
  const void* x;
  double* y;
};
/// *scale = what brings a gradient of this norm down to limit: norm > limit ? limit / norm : 1, the
/// norm being the root of the sum of `squares`. For devices alone: the CPU's caller sees the sums.
struct NormScaleArgs {
  int n;
  const double* squares;
  double limit;
  float* scale;
};

// ---- softmax, over rows; losses and normalization: args_rows.h ----
struct SoftmaxArgs {
  std::int64_t rows, cols;
  bool log;
  const void* x;
  void* y;
};
/// dx may be dy.
struct SoftmaxGradArgs {
  std::int64_t rows, cols;
  bool log;
  const void *dy, *y;
  void* dx;
  double beta;
};
// ---- matrix product ----
/// y[b] = beta y[b] + op(a[b]) op(c[b]) [+ bias per column]; op transposes where asked. Row-major.
/// m, n, k: y is m x n. a: m x k (k x m where trans_a), c: k x n (n x k where trans_c). Batch
/// strides in elements, 0 repeats; a y_stride of 0 adds the products of all batches up in one y.
struct GemmArgs {
  std::int64_t batch, m, n, k;
  bool trans_a, trans_c;
  const void *a, *c;
  void* y;
  std::int64_t a_stride, c_stride, y_stride;
  const void* bias;
  double beta;
  bool y_f32 = false;       // of the bf16 table: y is a weight's gradient
  void* scratch = nullptr;  // of gemm_scratch's size
  MatmulMath math = MatmulMath::exact;
};

// ---- convolution and pooling, NHWC / HWIO ----
enum class ConvPass : std::uint8_t { forward, grad_x, grad_w };
/// x: [n, h, w, c]; weight: [kh, kw, c / groups, oc]; y: [n, oh, ow, oc]. p*: padding before (the
/// one after follows from the sizes), s*: stride, d*: dilation. forward: y = conv(x, w) + bias;
/// grad_x: x = beta x + ...(y, w); grad_w: w = beta w + ...(x, y), f32 in the bf16 table.
struct Conv2dArgs {
  int n, h, w, c, oh, ow, oc, kh, kw, sh, sw, dh, dw, pt, pl, groups;
  ConvPass pass;
  ConvMath math;
  void *x, *weight, *y;
  const void* bias;
  double beta;
  const void* packed_weight = nullptr;  // conv2d_pack's; weight is not read then
  MatmulMath matmul = MatmulMath::exact;
  // forward: of y's places by tiles, as the plan's moment_tiles counts them; null: not wanted
  float* moments = nullptr;
};
/// What a convolution will do: a pure function of its arguments and the instruction set.
struct Plan {
  std::uint16_t algorithm = 0, tile = 0, split = 0;
  std::size_t scratch = 0;
  int moment_tiles = 0;  // that forward can write moments of; 0: it writes none
};

struct Pool2dGeometry {
  int n, h, w, c, oh, ow, kh, kw, sh, sw, pt, pl;
};
/// argmax: position inside the window (row * kw + column) of each output's maximum, may be null;
/// windows up to 256 places.
struct MaxPool2dArgs {
  Pool2dGeometry g;
  const void* x;
  void* y;
  std::uint8_t* argmax;
};
struct MaxPool2dGradArgs {
  Pool2dGeometry g;
  const void* dy;
  const std::uint8_t* argmax;
  void* dx;
  double beta;
};
/// Padding is left out of the mean, as in Keras.
struct AvgPool2dArgs {
  Pool2dGeometry g;
  const void* x;
  void* y;
};
struct AvgPool2dGradArgs {
  Pool2dGeometry g;
  const void* dy;
  void* dx;
  double beta;
};
/// x: [n, h, w, c]; y: [n, h * sy, w * sx, c]. Bilinear with half-pixel centres, edges repeated.
struct Upsample2dArgs {
  int n, h, w, c, sy, sx;
  bool bilinear;
  const void* x;
  void* y;
};
/// dx = beta dx + the gradient.
struct Upsample2dGradArgs {
  int n, h, w, c, sy, sx;
  bool bilinear;
  const void* dy;
  void* dx;
  double beta;
};

// ---- random ----
/// A random word, shifted right by 8, that is below this is dropped: unit_float(word) >= rate in
/// whole numbers of 2^-24.
MIEN_EVERYWHERE std::int32_t dropout_threshold(double rate) {
  const double steps = rate * 0x1p24;
  return std::int32_t(steps) + (steps > std::int32_t(steps) ? 1 : 0);
}
/// y = beta y + x * keep / (1 - rate); y may be x. keep of element i: word i % 4 of Philox block i
/// / 4 in `stream` of `seed`, as a unit float, >= rate. stream_shift: in the device's memory, added
/// to stream where it is given, so that a captured step draws anew; null on the CPU.
struct DropoutArgs {
  std::int64_t n;
  const void* x;
  void* y;
  double rate, beta;
  std::uint64_t seed, stream;
  const std::uint64_t* stream_shift = nullptr;
};

// ---- optimizers, over a flat range; g, w, slots: T. g counts g_scale times; w -= decay * w comes
// first. Formulas: mien/optim ----
/// What changes from step to step, in the device's memory, where a captured step finds it. Null on
/// the CPU. live takes the place of the rate (Adam's alpha) and of decay, of which it has 1 -
/// decay; g counts *live_scale times more.
struct LiveRate {
  float rate, keep;
};
struct AdamArgs {
  std::int64_t n;
  void *w, *m, *v;
  const void* g;
  double g_scale, alpha, beta1, beta2, epsilon, decay;
  const LiveRate* live = nullptr;
  const float* live_scale = nullptr;
};
/// velocity may be null where momentum is 0.
struct SgdArgs {
  std::int64_t n;
  void *w, *velocity;
  const void* g;
  double g_scale, lr, momentum, decay;
  bool nesterov;
  const LiveRate* live = nullptr;
  const float* live_scale = nullptr;
};
/// mean_gradient: null where not centered; velocity: null where momentum is 0.
struct RmspropArgs {
  std::int64_t n;
  void *w, *mean_square, *mean_gradient, *velocity;
  const void* g;
  double g_scale, lr, rho, momentum, epsilon, decay;
  const LiveRate* live = nullptr;
  const float* live_scale = nullptr;
};
struct AdagradArgs {
  std::int64_t n;
  void *w, *sum;
  const void* g;
  double g_scale, lr, epsilon, decay;
  const LiveRate* live = nullptr;
  const float* live_scale = nullptr;
};

}  // namespace mien
