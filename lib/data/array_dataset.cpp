#include "mien/data/array_dataset.h"

#include <cstring>
#include <utility>

#include "mien/base/error.h"

namespace mien {
namespace {

void check_classes(const Tensor& labels, std::int64_t classes) {
  const std::int32_t* label = labels.data<std::int32_t>();
  for (std::int64_t i = 0; i < labels.numel(); ++i) {
    MIEN_CHECK(label[i] >= 0 && label[i] < classes, ValueError, "array dataset: target ", i,
               " is class ", label[i], "; there are ", classes);
  }
}

}  // namespace

ArrayDataset::ArrayDataset(Tensor x, Tensor y)
    : ArrayDataset(ArrayDatasetOptions{.inputs = std::move(x), .targets = std::move(y)}) {}

ArrayDataset::ArrayDataset(ArrayDatasetOptions arrays) {
  MIEN_CHECK(!arrays.inputs.empty(), ShapeError, "array dataset: there is no input");
  for (const Tensor& x : arrays.inputs) add(fields_.inputs, "input", x, 0);
  for (const Tensor& y : arrays.targets) {
    if (arrays.classes > 0) {
      MIEN_CHECK(y.rank() == 1 && !computes(y.dtype()), ShapeError,
                 "array dataset: class numbers must be [N] of i32 or u8; got ", y.dtype(), " ",
                 y.shape());
      add(fields_.targets, "target", y.to(DType::i32), arrays.classes);
      check_classes(arrays_.back(), arrays.classes);
    } else {
      add(fields_.targets, "target", y, 0);
    }
  }
  if (arrays.weights.defined()) {
    MIEN_CHECK(arrays.weights.rank() == 1, ShapeError, "array dataset: weights must be [N]; got ",
               arrays.weights.shape());
    std::vector<Field> only;
    add(only, "weight", arrays.weights.to(DType::f32), 0);
    fields_.weighted = true;
  }
}

void ArrayDataset::add(std::vector<Field>& fields, const char* name, const Tensor& array,
                       std::int64_t classes) {
  MIEN_CHECK(array.rank() > 0, ShapeError, "array dataset: ", name,
             " needs the samples as first axis; got a scalar");
  const std::int64_t count = array.shape()[0];
  MIEN_CHECK(size_ < 0 || size_ == count, ShapeError, "array dataset: ", name, " ", array.shape(),
             " does not have ", size_, " samples like the arrays before");
  size_ = count;
  fields.push_back({name, array.dtype(), array.shape().slice(1), classes});
  arrays_.push_back(array.detach().to(kCpu));
}

void ArrayDataset::read(std::int64_t i, std::span<const std::span<std::byte>> into) const {
  for (std::size_t f = 0; f < arrays_.size(); ++f) {
    const std::size_t bytes = into[f].size();
    std::memcpy(into[f].data(),
                static_cast<const std::byte*>(arrays_[f].raw()) + std::size_t(i) * bytes, bytes);
  }
}

}  // namespace mien
