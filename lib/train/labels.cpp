#include "lib/train/labels.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"

namespace mien {
namespace {

constexpr float kThreshold = 0.5f;

// f32 holds every class number that is of any use (2^24).
Tensor on_host(const Tensor& x) { return x.detach().to(Device{}).to(DType::f32); }

}  // namespace

PredictionShape::PredictionShape(const Tensor& predictions) {
  MIEN_CHECK(predictions.rank() > 0, ShapeError, "metric: predictions must be [N, ...]; got ",
             predictions.shape());
  columns_ = predictions.rank() > 1 ? predictions.shape()[-1] : 1;
  rows_ = columns_ > 0 ? predictions.numel() / columns_ : 0;
}

TargetForm target_form(const char* who, const Tensor& targets, const Tensor& predictions,
                       const PredictionShape& shape) {
  const std::int64_t given = targets.numel();
  const bool same_batch = targets.rank() > 0 && targets.shape()[0] == predictions.shape()[0];
  MIEN_CHECK(same_batch && (given == shape.rows() || given == shape.rows() * shape.columns()),
             ShapeError, who, ": targets ", targets.shape(), " do not fit predictions ",
             predictions.shape());
  if (shape.columns() <= 1) return TargetForm::binary;
  return given == shape.rows() ? TargetForm::numbers : TargetForm::rows;
}

std::int64_t class_numbered(float number, std::int64_t columns) {
  MIEN_CHECK(number >= 0 && number < float(columns) && number == std::floor(number), ValueError,
             "metric: target ", number, " is no class of 0 .. ", columns - 1);
  return std::int64_t(number);
}

PredictedRows::PredictedRows(const Tensor& predictions)
    : PredictionShape(predictions), values_(on_host(predictions)), data_(values_.data<float>()) {}

std::int64_t PredictedRows::label(std::int64_t i) const {
  const float* values = row(i);
  if (columns() == 1) return values[0] > kThreshold;
  return std::max_element(values, values + columns()) - values;
}

TrueLabels::TrueLabels(const char* who, const Tensor& targets, const Tensor& predictions,
                       const PredictedRows& rows)
    : form_(target_form(who, targets, predictions, rows)),
      columns_(rows.columns()),
      values_(on_host(targets)),
      data_(values_.data<float>()) {}

std::int64_t TrueLabels::operator[](std::int64_t i) const {
  if (form_ == TargetForm::binary) return data_[i] > kThreshold;
  if (form_ == TargetForm::rows) {
    const float* row = data_ + i * columns_;
    return std::max_element(row, row + columns_) - row;
  }
  return class_numbered(data_[i], columns_);
}

}  // namespace mien
