#pragma once

#include "kernels/args_rows.h"
#include "mien/autograd.h"
#include "mien/ops/losses.h"
#include "mien/tensor.h"

// What all losses share: rows of predictions, the targets they are compared with, and weights.

namespace mien {

/// A loss call, checked: tensors of fitting shapes and of the predictions' dtype.
struct LossRows {
  std::int64_t rows = 0, cols = 0;
  Shape losses;                        // one for each row
  Tensor targets, labels;              // one of the two
  Tensor sample_weight, class_weight;  // or undefined
  double smoothing = 0;
};

/// The same, kept for the backward.
class SavedRows {
 public:
  SavedRows() = default;
  explicit SavedRows(const LossRows& rows);
  RowTargets targets() const;
  std::int64_t rows = 0, cols = 0;

 private:
  SavedTensor targets_, labels_, sample_weight_, class_weight_;
  double smoothing_ = 0;
  std::int64_t rows_per_weight_ = 1;
};

/// Checks predictions and dense targets; least_rank: 1 where [N] is a batch of N single values.
LossRows dense_rows(const char* op, const Tensor& targets, const Tensor& predictions,
                    int least_rank);
/// Checks predictions and labels.
LossRows label_rows(const char* op, const Tensor& labels, const Tensor& predictions);
/// Checks and adds weights and smoothing.
void add_sample_weight(const char* op, LossRows& rows, const Tensor& predictions,
                       const Tensor& weight);
void add_cross_entropy_options(const char* op, LossRows& rows, const Tensor& predictions,
                               const CrossEntropyOptions& options);

/// One loss per row, reduced.
Tensor row_loss(const char* op, RowLoss loss, const LossRows& rows, const Tensor& predictions,
                double delta, Reduction reduction);
/// Cross-entropy of logits per row, reduced.
Tensor softmax_xent(const char* op, const LossRows& rows, const Tensor& logits,
                    Reduction reduction);

}  // namespace mien
