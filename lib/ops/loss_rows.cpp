#include "lib/ops/loss_rows.h"

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/ops/reduce.h"

namespace mien {
namespace {

Shape without_last(const Shape& shape) { return shape.slice(0, -1); }

// Whether a and b are the same but for a last axis of 1: [N] and [N, 1].
bool fit(const Shape& a, const Shape& b) {
  if (a == b) return true;
  if (a.rank() == b.rank() + 1 && a[-1] == 1) return without_last(a) == b;
  return b.rank() == a.rank() + 1 && b[-1] == 1 && without_last(b) == a;
}

LossRows prediction_rows(const char* op, const Tensor& predictions, int least_rank) {
  check_computes(op, predictions);
  const Shape& shape = predictions.shape();
  MIEN_CHECK(shape.rank() >= least_rank, ShapeError, op, ": predictions must be ",
             least_rank == 1 ? "[N, ..., C] or [N]" : "[N, ..., C]", "; got ", shape);
  LossRows out;
  out.losses = shape.rank() == 1 ? shape : without_last(shape);
  out.rows = out.losses.numel();
  out.cols = shape.rank() == 1 ? 1 : shape[-1];
  MIEN_CHECK(out.cols > 0, ShapeError, op, ": predictions must have a class at least; got ", shape);
  return out;
}

void check_constant(const char* op, const Tensor& targets) {
  MIEN_CHECK(!targets.needs_grad(), ValueError, op,
             ": the first argument, the targets, must not need a gradient; exchange the arguments "
             "or detach() it");
}

const void* raw_or_null(const SavedTensor& tensor) {
  return tensor.defined() ? tensor.raw() : nullptr;
}

SavedTensor saved(const Tensor& tensor) {
  return tensor.defined() ? SavedTensor(tensor) : SavedTensor();
}

std::int64_t rows_per_weight(const LossRows& rows) {
  const std::int64_t weights = rows.sample_weight.defined() ? rows.sample_weight.numel() : 0;
  return weights > 0 ? rows.rows / weights : 1;
}

// How the rows' losses become the result, and its gradient theirs.
struct ToRows {
  std::int64_t stride = 1;  // 0: one gradient for all
  double scale = 1;
};

struct RowLossGrad {
  static constexpr const char* name = "loss";
  RowLoss op;
  double delta;
  SavedTensor x;
  SavedRows rows;
  ToRows to_rows{};
  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    run(name, slot.grad, &KernelTable::row_loss_grad,
        RowLossGradArgs{.op = op,
                        .rows = rows.rows,
                        .cols = rows.cols,
                        .x = x.raw(),
                        .t = rows.targets(),
                        .delta = delta,
                        .dloss = dy.raw(),
                        .dx = slot.raw(),
                        .beta = slot.beta,
                        .dloss_stride = to_rows.stride,
                        .dloss_scale = to_rows.scale});
  }
};

struct SoftmaxXentGrad {
  static constexpr const char* name = "crossentropy";
  SavedTensor logits;
  SavedRows rows;
  ToRows to_rows{};
  void backward(const GradIn& dy, GradOut& dx) {
    const GradSlot slot = dx.into(0);
    run(name, slot.grad, &KernelTable::softmax_xent_grad,
        SoftmaxXentGradArgs{.rows = rows.rows,
                            .cols = rows.cols,
                            .x = logits.raw(),
                            .t = rows.targets(),
                            .dloss = dy.raw(),
                            .dx = slot.raw(),
                            .beta = slot.beta,
                            .dloss_stride = to_rows.stride,
                            .dloss_scale = to_rows.scale});
  }
};

// One node for the rows' losses and their reduction: its backward reads the result's gradient where
// it lies, instead of writing it out for each row.
template <class Grad>
Tensor reduced(const Tensor& losses, Reduction reduction, const Tensor& from, Grad grad) {
  Tensor y = reduction == Reduction::mean  ? mean(losses)
             : reduction == Reduction::sum ? sum(losses)
                                           : losses;
  if (reduction != Reduction::none) grad.to_rows.stride = 0;
  if (reduction == Reduction::mean) grad.to_rows.scale = 1 / double(losses.numel());
  return attach(y, {from}, std::move(grad));
}

}  // namespace

SavedRows::SavedRows(const LossRows& from)
    : rows(from.rows),
      cols(from.cols),
      targets_(saved(from.targets)),
      labels_(saved(from.labels)),
      sample_weight_(saved(from.sample_weight)),
      class_weight_(saved(from.class_weight)),
      smoothing_(from.smoothing),
      rows_per_weight_(rows_per_weight(from)) {}

RowTargets SavedRows::targets() const {
  return {.targets = raw_or_null(targets_),
          .labels = static_cast<const std::int32_t*>(raw_or_null(labels_)),
          .smoothing = smoothing_,
          .weights = raw_or_null(sample_weight_),
          .rows_per_weight = rows_per_weight_,
          .class_weights = raw_or_null(class_weight_)};
}

LossRows dense_rows(const char* op, const Tensor& targets, const Tensor& predictions,
                    int least_rank) {
  LossRows out = prediction_rows(op, predictions, least_rank);
  MIEN_CHECK(fit(targets.shape(), predictions.shape()), ShapeError, op, ": targets ",
             targets.shape(), " do not fit predictions ", predictions.shape());
  check_constant(op, targets);
  out.targets = targets.to(predictions.dtype());
  return out;
}

LossRows label_rows(const char* op, const Tensor& labels, const Tensor& predictions) {
  LossRows out = prediction_rows(op, predictions, 2);
  MIEN_CHECK(labels.dtype() == DType::i32 || labels.dtype() == DType::u8, DTypeError, op,
             ": labels must be i32 or u8; got ", labels.dtype());
  MIEN_CHECK(fit(labels.shape(), out.losses), ShapeError, op, ": labels ", labels.shape(),
             " do not fit predictions ", predictions.shape());
  out.labels = labels.to(DType::i32);
  if (out.labels.device() != kCpu) return out;
  const std::int32_t* label = out.labels.data<std::int32_t>();
  for (std::int64_t r = 0; r < out.rows; ++r)
    MIEN_CHECK(0 <= label[r] && label[r] < out.cols, ValueError, op, ": labels must be 0 to ",
               out.cols - 1, "; got ", label[r]);
  return out;
}

void add_sample_weight(const char* op, LossRows& rows, const Tensor& predictions,
                       const Tensor& weight) {
  if (!weight.defined()) return;
  const bool per_sample = weight.rank() == 1 && weight.shape()[0] == rows.losses[0];
  MIEN_CHECK(per_sample || fit(weight.shape(), rows.losses), ShapeError, op, ": sample_weight ",
             weight.shape(), " does not fit losses ", rows.losses);
  rows.sample_weight = weight.to(predictions.dtype());
}

void add_cross_entropy_options(const char* op, LossRows& rows, const Tensor& predictions,
                               const CrossEntropyOptions& options) {
  MIEN_CHECK(0 <= options.label_smoothing && options.label_smoothing <= 1, ValueError, op,
             ": label_smoothing must be in [0, 1]; got ", options.label_smoothing);
  rows.smoothing = options.label_smoothing;
  add_sample_weight(op, rows, predictions, options.sample_weight);
  if (!options.class_weight.defined()) return;
  const Shape wanted{rows.cols == 1 ? 2 : rows.cols};
  MIEN_CHECK(options.class_weight.shape() == wanted, ShapeError, op, ": class_weight must be ",
             wanted, "; got ", options.class_weight.shape());
  rows.class_weight = options.class_weight.to(predictions.dtype());
}

Tensor row_loss(const char* op, RowLoss loss, const LossRows& rows, const Tensor& predictions,
                double delta, Reduction reduction) {
  const SavedRows kept(rows);
  Tensor losses = Tensor::empty(rows.losses, predictions.options());
  run(op, predictions, &KernelTable::row_loss,
      RowLossArgs{.op = loss,
                  .rows = rows.rows,
                  .cols = rows.cols,
                  .x = predictions.raw(),
                  .t = kept.targets(),
                  .delta = delta,
                  .loss = losses.raw()});
  return reduced(losses, reduction, predictions, RowLossGrad{loss, delta, predictions, kept});
}

Tensor softmax_xent(const char* op, const LossRows& rows, const Tensor& logits,
                    Reduction reduction) {
  const SavedRows kept(rows);
  Tensor losses = Tensor::empty(rows.losses, logits.options());
  run(op, logits, &KernelTable::softmax_xent,
      SoftmaxXentArgs{.rows = rows.rows,
                      .cols = rows.cols,
                      .x = logits.raw(),
                      .t = kept.targets(),
                      .loss = losses.raw()});
  return reduced(losses, reduction, logits, SoftmaxXentGrad{logits, kept});
}

}  // namespace mien
