#pragma once

#include <cstdint>

#include "mien/tensor.h"

namespace mien {

/// Predictions as rows of C values on the host: [N, ..., C], or [N] with C = 1.
class PredictedRows {
 public:
  explicit PredictedRows(const Tensor& predictions);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  const float* row(std::int64_t i) const { return data_ + i * columns_; }
  /// The place of the largest value, the first of equal ones; with one column whether it is above
  /// 0.5.
  std::int64_t label(std::int64_t i) const;

 private:
  Tensor values_;
  const float* data_ = nullptr;
  std::int64_t rows_ = 0, columns_ = 1;
};

/// The true class of each of those rows. Targets are class numbers, [N, ...] or [N, ..., 1], or
/// one-hot or probabilities, [N, ..., C]; for predictions of one column, 0 or 1 (above 0.5).
class TrueLabels {
 public:
  /// Throws ShapeError, naming who, where they do not fit.
  TrueLabels(const char* who, const Tensor& targets, const Tensor& predictions,
             const PredictedRows& rows);

  /// Throws ValueError for a class number that the predictions have no column for.
  std::int64_t operator[](std::int64_t i) const;

 private:
  enum class Form : std::uint8_t { binary, numbers, rows };
  Form form_ = Form::binary;
  std::int64_t columns_ = 1;
  Tensor values_;
  const float* data_ = nullptr;
};

}  // namespace mien
