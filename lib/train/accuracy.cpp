#include <algorithm>
#include <utility>

#include "lib/core/kernels_for.h"
#include "lib/train/labels.h"
#include "mien/base/error.h"
#include "mien/train/metrics.h"

namespace mien {
namespace {

// keras/src/trainers/compile_utils.py
AccuracyKind kind_by_shapes(const Tensor& targets, const Tensor& predictions) {
  if (predictions.rank() <= 1 || predictions.shape()[-1] == 1) return AccuracyKind::binary;
  if (targets.rank() < predictions.rank() || targets.shape()[-1] == 1) return AccuracyKind::sparse;
  return AccuracyKind::categorical;
}

double share(std::int64_t right, std::int64_t count) {
  return count > 0 ? double(right) / double(count) : 0;
}

constexpr std::int64_t kMostUnread = std::int64_t(1) << 30;  // the counts on a device are i32

// How a batch is judged.
struct Judged {
  TargetForm form = TargetForm::exact;
  std::int64_t rows = 0, cols = 1;
};

Judged judge(const std::string& name, AccuracyKind kind, const Tensor& targets,
             const Tensor& predictions) {
  if (kind == AccuracyKind::automatic) kind = kind_by_shapes(targets, predictions);
  if (kind == AccuracyKind::binary) {
    MIEN_CHECK(targets.numel() == predictions.numel(), ShapeError, "accuracy: targets ",
               targets.shape(), " do not fit predictions ", predictions.shape());
    return {TargetForm::exact, predictions.numel(), 1};
  }
  const PredictionShape shape(predictions);
  const bool numbers = targets.numel() == shape.rows();
  MIEN_CHECK(shape.columns() == 1 || numbers == (kind == AccuracyKind::sparse), ShapeError, name,
             ": targets ", targets.shape(), " do not fit predictions ", predictions.shape());
  return {target_form(name.c_str(), targets, predictions, shape), shape.rows(), shape.columns()};
}

}  // namespace

Accuracy::Accuracy(std::string name, AccuracyKind kind) : name_(std::move(name)), kind_(kind) {}

void Accuracy::reset() {
  if (std::exchange(unread_, 0) > 0) forget_counts();
  right_ = count_ = 0;
}

void Accuracy::update(const Tensor& targets, const Tensor& predictions) {
  const Judged judged = judge(name_, kind_, targets, predictions);
  const Tensor x = predictions.detach().to(DType::f32);
  const Tensor t = targets.detach().to(x.device()).to(DType::f32);
  if (x.device() == kCpu && judged.form == TargetForm::numbers)
    for (std::int64_t r = 0; r < judged.rows; ++r) class_numbered(t.data<float>()[r], judged.cols);
  if (!counts_.defined() || counts_.device() != x.device()) {
    right();
    counts_ = Tensor::zeros({2}, {.dtype = DType::i32, .device = x.device()});
  }
  run(name_.c_str(), x, &KernelTable::count_right,
      CountRightArgs{.rows = judged.rows,
                     .cols = judged.cols,
                     .form = judged.form,
                     .x = x.raw(),
                     .targets = t.raw(),
                     .counts = static_cast<std::int32_t*>(counts_.raw())});
  count_ += judged.rows;
  unread_ += judged.rows;
  if (x.device() == kCpu || unread_ > kMostUnread) right();
}

void Accuracy::forget_counts() const {
  device_api(counts_.device()).zero(counts_.raw(), counts_.bytes(), stream_of(counts_));
}

std::int64_t Accuracy::right() const {
  if (std::exchange(unread_, 0) == 0) return right_;
  double counts[2];
  counts_.copy_to(counts);
  forget_counts();
  right_ += std::int64_t(counts[0]);
  MIEN_CHECK(counts[1] == 0, ValueError, name_, ": ", counts[1],
             counts[1] == 1 ? " target is" : " targets are",
             " no class that the predictions have a column for");
  return right_;
}

double Accuracy::value() const { return share(right(), count_); }

void Accuracy::save(State& state) const {
  state.set("right", right());
  state.set("count", count_);
}

void Accuracy::load(const State& state) {
  const std::int64_t right = state.get_int("right"), count = state.get_int("count");
  reset();
  right_ = right;
  count_ = count;
}

TopKAccuracy::TopKAccuracy(int k, std::string name) : k_(k), name_(std::move(name)) {
  MIEN_CHECK(k >= 1, ValueError, "TopKAccuracy: k must be at least 1; got ", k);
}

void TopKAccuracy::reset() { right_ = count_ = 0; }

void TopKAccuracy::update(const Tensor& targets, const Tensor& predictions) {
  const PredictedRows rows(predictions);
  const TrueLabels labels(name_.c_str(), targets, predictions, rows);
  for (std::int64_t i = 0; i < rows.rows(); ++i) {
    const float* row = rows.row(i);
    const float wanted = row[labels[i]];
    right_ += std::count_if(row, row + rows.columns(), [&](float p) { return p > wanted; }) < k_;
  }
  count_ += rows.rows();
}

double TopKAccuracy::value() const { return share(right_, count_); }

void TopKAccuracy::save(State& state) const {
  state.set("right", right_);
  state.set("count", count_);
}

void TopKAccuracy::load(const State& state) {
  right_ = state.get_int("right");
  count_ = state.get_int("count");
}

}  // namespace mien
