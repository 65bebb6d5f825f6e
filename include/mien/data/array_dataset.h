#pragma once

#include "mien/data/dataset.h"

namespace mien {

/// The arrays of an ArrayDataset, each with the samples as first axis.
struct ArrayDatasetOptions {
  Tensors inputs{};
  Tensors targets{};         // may be empty: for prediction
  Tensor weights{};          // [N] of any computing dtype; undefined: none
  std::int64_t classes = 0;  // above 0: targets are class numbers [N] below it (i32 or u8)
};

/// Samples from tensors in memory, which are shared and not copied.
///
/// ```cpp
/// ArrayDataset data(Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2}),
///                   Tensor::from({0, 1, 1, 0}, {4, 1}));
/// ```
class ArrayDataset : public Dataset {
 public:
  /// x: [N, ...], y: [N, ...]. Throws ShapeError where the numbers of samples differ.
  ArrayDataset(Tensor x, Tensor y);
  /// Throws ShapeError where the numbers of samples differ or there is no input, ValueError where a
  /// class number is not below classes.
  explicit ArrayDataset(ArrayDatasetOptions arrays);

  const Fields& fields() const override { return fields_; }
  std::int64_t size() const override { return size_; }
  void read(std::int64_t i, std::span<const std::span<std::byte>> into) const override;

 private:
  void add(std::vector<Field>& fields, const char* name, const Tensor& array, std::int64_t classes);

  Fields fields_;
  std::vector<Tensor> arrays_;  // in the order of the fields, contiguous on the CPU
  std::int64_t size_ = -1;
};

}  // namespace mien
