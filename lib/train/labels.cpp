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

PredictedRows::PredictedRows(const Tensor& predictions) : values_(on_host(predictions)) {
  MIEN_CHECK(predictions.rank() > 0, ShapeError, "metric: predictions must be [N, ...]; got ",
             predictions.shape());
  columns_ = predictions.rank() > 1 ? predictions.shape()[-1] : 1;
  rows_ = columns_ > 0 ? predictions.numel() / columns_ : 0;
  data_ = values_.data<float>();
}

std::int64_t PredictedRows::label(std::int64_t i) const {
  const float* values = row(i);
  if (columns_ == 1) return values[0] > kThreshold;
  return std::max_element(values, values + columns_) - values;
}

TrueLabels::TrueLabels(const char* who, const Tensor& targets, const Tensor& predictions,
                       const PredictedRows& rows)
    : columns_(rows.columns()), values_(on_host(targets)) {
  const std::int64_t given = targets.numel();
  const bool same_batch = targets.rank() > 0 && targets.shape()[0] == predictions.shape()[0];
  MIEN_CHECK(same_batch && (given == rows.rows() || given == rows.rows() * columns_), ShapeError,
             who, ": targets ", targets.shape(), " do not fit predictions ", predictions.shape());
  if (columns_ > 1) form_ = given == rows.rows() ? Form::numbers : Form::rows;
  data_ = values_.data<float>();
}

std::int64_t TrueLabels::operator[](std::int64_t i) const {
  if (form_ == Form::binary) return data_[i] > kThreshold;
  if (form_ == Form::rows) {
    const float* row = data_ + i * columns_;
    return std::max_element(row, row + columns_) - row;
  }
  const float number = data_[i];
  MIEN_CHECK(number >= 0 && number < float(columns_) && number == std::floor(number), ValueError,
             "metric: target ", number, " is no class of 0 .. ", columns_ - 1);
  return std::int64_t(number);
}

}  // namespace mien
