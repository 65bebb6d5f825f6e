#pragma once

#include <cstdint>

#include "kernels/args_rows.h"
#include "mien/tensor.h"

namespace mien {

/// Predictions as rows of C values: [N, ..., C], or [N] with C = 1.
class PredictionShape {
 public:
  /// Throws ShapeError for a scalar.
  explicit PredictionShape(const Tensor& predictions);
  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }

 private:
  std::int64_t rows_ = 0, columns_ = 1;
};

/// How targets say which class each of those rows is of: class numbers, [N, ...] or [N, ..., 1], or
/// one-hot or probabilities, [N, ..., C]; for predictions of one column, 0 or 1 (above 0.5). Throws
/// ShapeError, naming who, where they do not fit.
TargetForm target_form(const char* who, const Tensor& targets, const Tensor& predictions,
                       const PredictionShape& shape);

/// The class that a number among targets stands for. Throws ValueError where there is none of it.
std::int64_t class_numbered(float number, std::int64_t columns);

/// The same rows on the host.
class PredictedRows : public PredictionShape {
 public:
  explicit PredictedRows(const Tensor& predictions);

  const float* row(std::int64_t i) const { return data_ + i * columns(); }
  /// The place of the largest value, the first of equal ones; with one column whether it is above
  /// 0.5.
  std::int64_t label(std::int64_t i) const;

 private:
  Tensor values_;
  const float* data_ = nullptr;
};

/// The true class of each of those rows.
class TrueLabels {
 public:
  /// Throws ShapeError, naming who, where they do not fit.
  TrueLabels(const char* who, const Tensor& targets, const Tensor& predictions,
             const PredictedRows& rows);

  /// Throws ValueError for a class number that the predictions have no column for.
  std::int64_t operator[](std::int64_t i) const;

 private:
  TargetForm form_;
  std::int64_t columns_;
  Tensor values_;
  const float* data_ = nullptr;
};

}  // namespace mien
