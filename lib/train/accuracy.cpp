#include <algorithm>

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

std::int64_t count_right_elements(const Tensor& targets, const Tensor& predictions) {
  MIEN_CHECK(targets.numel() == predictions.numel(), ShapeError, "accuracy: targets ",
             targets.shape(), " do not fit predictions ", predictions.shape());
  const Tensor t = targets.detach().to(Device{}).to(DType::f32);
  const Tensor p = predictions.detach().to(Device{}).to(DType::f32);
  const float *truth = t.data<float>(), *predicted = p.data<float>();
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < t.numel(); ++i) right += truth[i] == float(predicted[i] > 0.5f);
  return right;
}

}  // namespace

Accuracy::Accuracy(std::string name, AccuracyKind kind) : name_(std::move(name)), kind_(kind) {}

void Accuracy::reset() { right_ = count_ = 0; }

void Accuracy::update(const Tensor& targets, const Tensor& predictions) {
  const AccuracyKind kind =
      kind_ == AccuracyKind::automatic ? kind_by_shapes(targets, predictions) : kind_;
  if (kind == AccuracyKind::binary) {
    right_ += count_right_elements(targets, predictions);
    count_ += predictions.numel();
    return;
  }
  const PredictedRows rows(predictions);
  const bool numbers = targets.numel() == rows.rows();
  MIEN_CHECK(rows.columns() == 1 || numbers == (kind == AccuracyKind::sparse), ShapeError, name_,
             ": targets ", targets.shape(), " do not fit predictions ", predictions.shape());
  const TrueLabels labels(name_.c_str(), targets, predictions, rows);
  for (std::int64_t i = 0; i < rows.rows(); ++i) right_ += rows.label(i) == labels[i];
  count_ += rows.rows();
}

double Accuracy::value() const { return share(right_, count_); }

void Accuracy::save(State& state) const {
  state.set("right", right_);
  state.set("count", count_);
}

void Accuracy::load(const State& state) {
  right_ = state.get_int("right");
  count_ = state.get_int("count");
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
