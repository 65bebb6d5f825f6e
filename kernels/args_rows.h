#pragma once

#include <cstdint>

// Arguments of the kernels that work on rows: losses and normalization. See args.h.

/// A function that kernels of every instruction set use: always inlined, since the linker keeps one
/// copy of the others, and it may be the one for a CPU that is not there.
#define MIEN_EVERYWHERE [[gnu::always_inline]] constexpr

namespace mien {

// ---- losses ----
/// What the rows of a loss are compared with, and how much each row counts.
struct RowTargets {
  const void* targets;         // T [rows, cols], or null where labels are given
  const std::int32_t* labels;  // [rows]: row r's target is 1 at labels[r]
  double smoothing;     // s: a target t becomes t (1 - s) + s / cols (s / 2 for binary losses)
  const void* weights;  // T: row r counts weights[r / rows_per_weight]; null: 1
  std::int64_t rows_per_weight;
  // T [cols]: a row counts that of its label or largest target times; where cols is 1, T [2]: that
  // of a target up to 1/2 or above; null: 1
  const void* class_weights;
};
/// loss[r] = -weight[r] * sum_c target[r, c] log softmax(x)[r, c].
struct SoftmaxXentArgs {
  std::int64_t rows, cols;
  const void* x;
  RowTargets t;
  void* loss;
};
/// dx = beta dx + d[r] * weight[r] * (softmax(x) * sum target - target), where row r's gradient
/// d[r] is dloss_scale * dloss[r * dloss_stride]: a mean over the rows has one for all.
struct SoftmaxXentGradArgs {
  std::int64_t rows, cols;
  const void* x;
  RowTargets t;
  const void* dloss;
  void* dx;
  double beta;
  std::int64_t dloss_stride = 1;
  double dloss_scale = 1;
};
/// Losses between a prediction p and a target t, per row: the sum over the columns of
/// crossentropy -t log clip(p / sum p) and kl t log(t / p); the mean over them of the others.
/// Probabilities are clipped to [1e-7, 1 - 1e-7], for kl both to [1e-7, 1], as in Keras.
enum class RowLoss : std::uint8_t {
  crossentropy,
  binary,         // of a probability
  binary_logits,  // of x where p = sigmoid(x)
  squared,
  absolute,
  huber,  // with delta
  kl
};
struct RowLossArgs {
  RowLoss op;
  std::int64_t rows, cols;
  const void* x;
  RowTargets t;
  double delta;
  void* loss;
};
/// dx = beta dx + d[r] * weight[r] * d loss / d x, with d as above. Nothing flows where a clip was
/// active.
struct RowLossGradArgs {
  RowLoss op;
  std::int64_t rows, cols;
  const void* x;
  RowTargets t;
  double delta;
  const void* dloss;
  void* dx;
  double beta;
  std::int64_t dloss_stride = 1;
  double dloss_scale = 1;
};

/// How targets say which class a row is of.
enum class TargetForm : std::uint8_t {
  binary,   // cols is 1: a target above 1/2 is class 1, and so is a prediction
  exact,    // cols is 1: the same, but a target must be 0 or 1 to be met
  numbers,  // [rows]: the class's number
  rows      // [rows, cols]: the first of the largest
};
/// counts[0] += rows whose largest prediction (the first of equal ones) is at the true class;
/// counts[1] += rows whose target is no class of 0 .. cols - 1, or not a whole number.
struct CountRightArgs {
  std::int64_t rows, cols;
  TargetForm form;
  const void *x, *targets;
  std::int32_t* counts;
};

// ---- normalization; x: [rows, c] ----
/// Rows that one piece of a sum over the rows takes: fixed by the sizes, so that results do not
/// depend on threads.
MIEN_EVERYWHERE std::int64_t norm_block_rows(std::int64_t rows, std::int64_t c) {
  const std::int64_t enough = 16384 / (c > 0 ? c : 1) + 1, few = (rows + 255) / 256;
  return enough > few ? enough : few;
}
MIEN_EVERYWHERE std::int64_t norm_blocks(std::int64_t rows, std::int64_t c) {
  return (rows + norm_block_rows(rows, c) - 1) / norm_block_rows(rows, c);
}
/// Elements of scratch that batch_norm, for statistics of x, and layer_norm_grad need.
MIEN_EVERYWHERE std::int64_t norm_scratch(std::int64_t rows, std::int64_t c) {
  return 2 * c * (norm_blocks(rows, c) + 1);
}
/// What batch_norm works on: images [n, h, w, c], or n rows (h and w 1). Where max-pooling of 2x2
/// places with stride 2 follows, y is [n, h / 2, w / 2, c]. Work is cut into strips: two lines of
/// an image where it pools, else one place.
struct NormShape {
  std::int64_t n, h, w, c;
  bool pool;

  MIEN_EVERYWHERE std::int64_t rows() const { return n * h * w; }
  MIEN_EVERYWHERE std::int64_t outputs() const {
    return c * (pool ? n * (h / 2) * (w / 2) : rows());
  }
  MIEN_EVERYWHERE std::int64_t strips() const { return pool ? n * ((h + 1) / 2) : rows(); }
  MIEN_EVERYWHERE std::int64_t strip_size() const { return pool ? 2 * w * c : c; }
  /// Strips that one piece of work takes, and pieces.
  MIEN_EVERYWHERE std::int64_t piece() const { return norm_block_rows(strips(), strip_size()); }
  MIEN_EVERYWHERE std::int64_t pieces() const { return norm_blocks(strips(), strip_size()); }
  /// Elements of scratch that batch_norm_grad needs.
  MIEN_EVERYWHERE std::int64_t grad_scratch() const { return 2 * c * (pieces() + 1); }
};
/// A dropout that drops nothing where rate is 0. Its elements are counted in y; see DropoutArgs.
struct NormDropout {
  double rate;
  std::uint64_t seed, stream;
  const std::uint64_t* stream_shift = nullptr;
};
/// In place of the winner's number: no gradient flows to this output.
inline constexpr std::uint8_t kNoGradient = 255;
/// Whether batch_norm first finds mean and biased variance of x's columns and writes them, or gets
/// them. On devices moving ones (may be null) move towards those found: moving = momentum moving +
/// (1 - momentum) batch; the CPU gets null.
struct NormStatistics {
  bool of_x = false;
  void* scratch = nullptr;  // of the CPU
  void *moving_mean = nullptr, *moving_variance = nullptr;
  double momentum = 0;
  // On devices: moments by tiles of x's rows, as the convolution that computed x left them
  // (Conv2dArgs::moments): x need not be read for them. May be null.
  const float* tiles = nullptr;
  int tile_count = 0;
};
/// y = dropout(max_pool(relu((x - mean) / sqrt(variance + epsilon) * gamma + beta_ + residual))) of
/// what is asked for. gamma, beta_, residual (of x's shape) may be null. code: for each output,
/// which of its places (row by row, 0 where it does not pool) gets the gradient, or kNoGradient;
/// may be null.
struct BatchNormArgs {
  NormShape shape;
  const void* x;
  void *mean, *variance;
  const void *gamma, *beta_, *residual;
  double epsilon;
  bool relu;
  NormDropout dropout;
  void* y;
  std::uint8_t* code;
  NormStatistics statistics{};
};
/// Gradients through the batch's own statistics (through_statistics) or through constants. Each
/// output may be null; dx may be x, and dx or dresidual may be dy where it does not pool. code: as
/// written by batch_norm; null where neither ReLU, pooling nor dropout followed. y (may be null,
/// must be where a residual was added) and beta_ tell the winners' x without reading all of x.
/// dx_sum [c]: sums of dx over the rows, where dx_beta is 0; it may be dgamma or dbeta, whose sum
/// is added first.
struct BatchNormGradArgs {
  NormShape shape;
  const void *dy, *x, *y, *mean, *variance, *gamma, *beta_;
  const std::uint8_t* code;
  double epsilon, rate;
  bool through_statistics;
  void *dx, *dresidual, *dgamma, *dbeta, *dx_sum;
  double dx_beta, dresidual_beta, dgamma_beta, dbeta_beta, dx_sum_beta;
  void* scratch;
};
/// Per row over c; mean and rstd [rows] are kept for the gradient.
struct LayerNormArgs {
  std::int64_t rows, c;
  const void *x, *gamma, *beta_;
  double epsilon;
  void *y, *mean, *rstd;
};
/// Each output may be null; dx may be dy.
struct LayerNormGradArgs {
  std::int64_t rows, c;
  const void *dy, *x, *gamma, *mean, *rstd;
  void *dx, *dgamma, *dbeta;
  double dx_beta, dgamma_beta, dbeta_beta;
  void* scratch;
};

}  // namespace mien
