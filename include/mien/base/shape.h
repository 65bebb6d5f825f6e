#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace mien {

/// Sizes of a tensor's axes, outermost first; at most six, kept inline. Rank 0 is a scalar (numel
/// 1).
class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;
  /// Throws ShapeError for more than six axes or a negative size.
  Shape(std::initializer_list<std::int64_t> dims);
  explicit Shape(std::span<const std::int64_t> dims);

  /// Number of axes.
  int rank() const { return rank_; }
  /// Size of an axis; negative counts from the end (-1 is the last). Throws ShapeError when out of
  /// range.
  std::int64_t operator[](int axis) const { return dims_[std::size_t(at(axis))]; }
  std::int64_t& operator[](int axis) { return dims_[std::size_t(at(axis))]; }
  /// Product of all sizes; 1 for a scalar. Throws ShapeError beyond 2^60.
  std::int64_t numel() const;
  /// Appends an axis at the end. Throws ShapeError beyond six.
  void push_back(std::int64_t size);
  /// The axes [begin, end) as a Shape of their own; both may be negative, end defaults to the rank.
  Shape slice(int begin, int end = kMaxRank + 1) const;
  /// The non-negative position of an axis. Throws ShapeError "axis 3 is out of range for shape [2,
  /// 3]".
  int at(int axis) const;

  /// The sizes, for a loop.
  const std::int64_t* begin() const { return dims_.data(); }
  const std::int64_t* end() const { return dims_.data() + rank_; }
  bool operator==(const Shape& other) const;
  /// "[32, 48, 48, 64]".
  std::string str() const;

 private:
  std::array<std::int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

/// The axes of a followed by those of b: join({8}, {48, 48, 1}) is [8, 48, 48, 1].
Shape join(const Shape& a, const Shape& b);

/// Shape that a and b broadcast to by NumPy's rule. Throws ShapeError, naming op and both shapes.
Shape broadcast(const char* op, const Shape& a, const Shape& b);

}  // namespace mien
