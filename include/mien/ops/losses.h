#pragma once

#include <cstdint>

#include "mien/tensor.h"

// Losses, as Keras defines them. The targets come first, then the predictions [N, ..., C]; each
// sample (row of C) gives one loss, and the mean of them is the result.
//
// Targets of another dtype are converted to that of the predictions; they are constants: where they
// need a gradient, ValueError is thrown, as it is most likely that the arguments were exchanged.
// All losses throw ShapeError where the shapes do not fit, [N] and [N, 1] fit each other.

namespace mien {

/// What becomes of the samples' losses.
enum class Reduction : std::uint8_t {
  mean,  // sum over the samples / their number, weighted or not: Keras's sum_over_batch_size
  sum,
  none  // the losses themselves, of the predictions' shape without the last axis
};

/// Options of the cross-entropies.
struct CrossEntropyOptions {
  bool from_logits = false;    // predictions are not probabilities yet
  double label_smoothing = 0;  // s in [0, 1]: t becomes t (1 - s) + s / C (binary: + s / 2)
  Tensor class_weight{};       // [C]: a sample counts as much as its label or largest target says;
                               // with one column (binary): [2], for targets 0 and 1
  Tensor sample_weight{};      // [N], or of the losses' shape
  Reduction reduction = Reduction::mean;
};

/// - sum_c t log p. targets, predictions: [N, ..., C]. Probabilities are brought to sum 1 and
/// clipped to [1e-7, 1 - 1e-7]. Where a layer's softmax made them its logits are used instead, as
/// with from_logits, and the gradient is p - t however saturated the softmax is.
///
/// ```cpp
/// const Tensor p = Tensor::from({.05, .95, 0, .1, .8, .1}, {2, 3});
/// const Tensor t = Tensor::from({0, 1, 0, 0, 0, 1}, {2, 3});
/// const Tensor each = categorical_crossentropy(t, p, {.reduction = Reduction::none});
/// double mean = categorical_crossentropy(t, p).item();  // 1.1769, of .0513 and 2.3026
/// ```
[[nodiscard]] Tensor categorical_crossentropy(const Tensor& targets, const Tensor& predictions,
                                              const CrossEntropyOptions& options = {});

/// categorical_crossentropy for labels 0 .. C-1 of type i32 or u8, [N, ...] or [N, ..., 1]. Throws
/// DTypeError for others, ValueError for a label out of range.
[[nodiscard]] Tensor sparse_categorical_crossentropy(const Tensor& labels,
                                                     const Tensor& predictions,
                                                     const CrossEntropyOptions& options = {});

/// Mean over C of - t log p - (1 - t) log(1 - p), p clipped to [1e-7, 1 - 1e-7]. Where a layer's
/// sigmoid made p its logits are used instead. targets, predictions: [N, ..., C] or [N].
[[nodiscard]] Tensor binary_crossentropy(const Tensor& targets, const Tensor& predictions,
                                         const CrossEntropyOptions& options = {});

/// Options of the other losses.
struct LossOptions {
  Tensor sample_weight{};  // [N], or of the losses' shape
  Reduction reduction = Reduction::mean;
};

/// Mean over C of (p - t)^2. targets, predictions: [N, ..., C] or [N].
[[nodiscard]] Tensor mean_squared_error(const Tensor& targets, const Tensor& predictions,
                                        const LossOptions& options = {});

/// Mean over C of |p - t|; gradient 0 at 0. targets, predictions: [N, ..., C] or [N].
[[nodiscard]] Tensor mean_absolute_error(const Tensor& targets, const Tensor& predictions,
                                         const LossOptions& options = {});

/// Options of huber().
struct HuberOptions {
  double delta = 1;        // where the square turns into a line
  Tensor sample_weight{};  // [N], or of the losses' shape
  Reduction reduction = Reduction::mean;
};

/// Mean over C of e^2 / 2 where e = |p - t| is at most delta, else delta (e - delta / 2). targets,
/// predictions: [N, ..., C] or [N]. Throws ValueError unless delta > 0.
[[nodiscard]] Tensor huber(const Tensor& targets, const Tensor& predictions,
                           const HuberOptions& options = {});

/// Kullback-Leibler divergence: sum_c t log(t / p), both clipped to [1e-7, 1]. targets,
/// predictions: [N, ..., C].
[[nodiscard]] Tensor kl_divergence(const Tensor& targets, const Tensor& predictions,
                                   const LossOptions& options = {});

}  // namespace mien
