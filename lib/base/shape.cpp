#include "mien/base/shape.h"

#include <algorithm>

#include "mien/base/error.h"

namespace mien {

Shape::Shape(std::initializer_list<std::int64_t> dims)
    : Shape(std::span<const std::int64_t>(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const std::int64_t> dims) {
  for (const std::int64_t size : dims) push_back(size);
}

std::int64_t Shape::numel() const {
  constexpr std::int64_t most = std::int64_t(1) << 60;  // their bytes can still be counted
  std::int64_t n = 1;
  for (const std::int64_t size : *this) {
    MIEN_CHECK(size <= 1 || n <= most / size, ShapeError, "shape: ", str(),
               " has too many elements");
    n *= size;
  }
  return n;
}

void Shape::push_back(std::int64_t size) {
  MIEN_CHECK(rank_ < kMaxRank, ShapeError, "shape: at most ", kMaxRank,
             " axes; got one more after ", str());
  MIEN_CHECK(size >= 0, ShapeError, "shape: sizes must not be negative; got ", size, " after ",
             str());
  dims_[std::size_t(rank_++)] = size;
}

Shape Shape::slice(int begin, int end) const {
  const auto clamp = [this](int axis) {
    return std::clamp(axis < 0 ? axis + rank_ : axis, 0, rank_);
  };
  const int first = clamp(begin), last = std::max(first, clamp(end));
  return Shape(std::span<const std::int64_t>(dims_.data() + first, std::size_t(last - first)));
}

int Shape::at(int axis) const {
  const int position = axis < 0 ? axis + rank_ : axis;
  MIEN_CHECK(position >= 0 && position < rank_, ShapeError, "axis ", axis,
             " is out of range for shape ", str());
  return position;
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

std::string Shape::str() const {
  std::string out = "[";
  for (int i = 0; i < rank_; ++i) {
    if (i > 0) out += ", ";
    out += std::to_string(dims_[std::size_t(i)]);
  }
  return out + "]";
}

Shape join(const Shape& a, const Shape& b) {
  Shape out = a;
  for (const std::int64_t size : b) out.push_back(size);
  return out;
}

Shape broadcast(const char* op, const Shape& a, const Shape& b) {
  Shape out = a.rank() >= b.rank() ? a : b;
  for (int i = 1; i <= out.rank(); ++i) {
    const std::int64_t x = i <= a.rank() ? a[-i] : 1, y = i <= b.rank() ? b[-i] : 1;
    MIEN_CHECK(x == y || x == 1 || y == 1, ShapeError, op, ": shapes ", a, " and ", b,
               " do not broadcast");
    out[-i] = x == 1 ? y : x;
  }
  return out;
}

}  // namespace mien
