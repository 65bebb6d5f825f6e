#include "mien/ops/losses.h"

#include "lib/core/logits.h"
#include "lib/ops/loss_rows.h"
#include "mien/base/error.h"

namespace mien {
namespace {

Tensor elementwise(const char* op, RowLoss loss, const Tensor& targets, const Tensor& given,
                   const LossOptions& options, int least_rank = 1, double delta = 0) {
  const Tensor predictions = widened(given);
  LossRows rows = dense_rows(op, targets, predictions, least_rank);
  add_sample_weight(op, rows, predictions, options.sample_weight);
  return row_loss(op, loss, rows, predictions, delta, options.reduction);
}

Tensor crossentropy(const char* op, LossRows rows, const Tensor& predictions,
                    const CrossEntropyOptions& options) {
  add_cross_entropy_options(op, rows, predictions, options);
  if (options.from_logits) return softmax_xent(op, rows, predictions, options.reduction);
  if (const Tensor* logits = logits_of(predictions, Act::softmax))
    return softmax_xent(op, rows, *logits, options.reduction);
  return row_loss(op, RowLoss::crossentropy, rows, predictions, 0, options.reduction);
}

}  // namespace

Tensor categorical_crossentropy(const Tensor& targets, const Tensor& given,
                                const CrossEntropyOptions& options) {
  const char* op = "categorical_crossentropy";
  const Tensor predictions = widened(given);
  return crossentropy(op, dense_rows(op, targets, predictions, 2), predictions, options);
}

Tensor sparse_categorical_crossentropy(const Tensor& labels, const Tensor& given,
                                       const CrossEntropyOptions& options) {
  const char* op = "sparse_categorical_crossentropy";
  const Tensor predictions = widened(given);
  return crossentropy(op, label_rows(op, labels, predictions), predictions, options);
}

Tensor binary_crossentropy(const Tensor& targets, const Tensor& given,
                           const CrossEntropyOptions& options) {
  const char* op = "binary_crossentropy";
  const Tensor predictions = widened(given);
  LossRows rows = dense_rows(op, targets, predictions, 1);
  add_cross_entropy_options(op, rows, predictions, options);
  const Tensor* logits = options.from_logits ? &predictions : logits_of(predictions, Act::sigmoid);
  if (logits) return row_loss(op, RowLoss::binary_logits, rows, *logits, 0, options.reduction);
  return row_loss(op, RowLoss::binary, rows, predictions, 0, options.reduction);
}

Tensor mean_squared_error(const Tensor& targets, const Tensor& predictions,
                          const LossOptions& options) {
  return elementwise("mean_squared_error", RowLoss::squared, targets, predictions, options);
}

Tensor mean_absolute_error(const Tensor& targets, const Tensor& predictions,
                           const LossOptions& options) {
  return elementwise("mean_absolute_error", RowLoss::absolute, targets, predictions, options);
}

Tensor huber(const Tensor& targets, const Tensor& predictions, const HuberOptions& options) {
  MIEN_CHECK(options.delta > 0, ValueError, "huber: delta must be positive; got ", options.delta);
  return elementwise("huber", RowLoss::huber, targets, predictions,
                     {.sample_weight = options.sample_weight, .reduction = options.reduction}, 1,
                     options.delta);
}

Tensor kl_divergence(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  return elementwise("kl_divergence", RowLoss::kl, targets, predictions, options, 2);
}

}  // namespace mien
