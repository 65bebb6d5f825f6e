#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/base/dtype.h"
#include "mien/base/shape.h"
#include "mien/tensor.h"

namespace mien {

/// One array that every sample of a Dataset has.
struct Field {
  std::string name{};
  DType dtype = DType::f32;
  Shape shape{};             // of one sample, without the batch
  std::int64_t classes = 0;  // above 0: an i32 scalar below it, which the loader may make one-hot

  bool operator==(const Field&) const = default;
};

/// What a sample consists of.
struct Fields {
  std::vector<Field> inputs{};
  std::vector<Field> targets{};
  bool weighted = false;  // an f32 scalar, the sample's weight in the loss, comes last
};

/// Samples that can be had by number. To feed data of one's own, derive from it and give it to a
/// DataLoader.
///
/// ```cpp
/// class Squares : public Dataset {  // x and x * x
///  public:
///   const Fields& fields() const override { return fields_; }
///   std::int64_t size() const override { return 1000; }
///   void read(std::int64_t i, std::span<const std::span<std::byte>> into) const override {
///     const float x = float(i) / 1000;
///     *reinterpret_cast<float*>(into[0].data()) = x;
///     *reinterpret_cast<float*>(into[1].data()) = x * x;
///   }
///
///  private:
///   Fields fields_{.inputs = {{"x", DType::f32, {1}}}, .targets = {{"y", DType::f32, {1}}}};
/// };
/// ```
class Dataset {
 public:
  Dataset() = default;
  Dataset(const Dataset&) = default;
  Dataset(Dataset&&) = default;
  Dataset& operator=(const Dataset&) = default;
  Dataset& operator=(Dataset&&) = default;
  virtual ~Dataset();

  /// The arrays of every sample; the same at each call.
  virtual const Fields& fields() const = 0;
  /// Number of samples; the same at each call.
  virtual std::int64_t size() const = 0;
  /// Writes sample i (0 <= i < size()) into one buffer per field: inputs, targets, then the weight
  /// where there is one. Each has its field's size in bytes and is aligned to its elements. Called
  /// from several threads at a time. What it throws reaches the caller of DataLoader::next().
  virtual void read(std::int64_t i, std::span<const std::span<std::byte>> into) const = 0;
};

/// Samples of one step. Every tensor has the batch as first axis and lies on the CPU.
struct Batch {
  Tensors inputs{};
  Tensors targets{};
  Tensor weights{};                     // [N] f32; undefined where the dataset has no weights
  Tensors changes{};                    // see DataLoader::next_for(); else undefined
  std::vector<std::int64_t> samples{};  // the N samples' numbers in the dataset

  /// N.
  std::int64_t size() const { return std::int64_t(samples.size()); }
};

}  // namespace mien
