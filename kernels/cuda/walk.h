#pragma once

#include <cstdint>
#include <cstdlib>

#include "kernels/args.h"

// What the host finds out of a walk through several arrays before a kernel does it.

namespace mien::cuda {

/// Places in `operands` arrays, in elements.
template <int operands>
struct Places {
  std::int64_t at[operands]{};
};

/// A box of elements, each with a place in several arrays, by their strides in elements: 0 repeats
/// an axis, below 0 it runs backwards. The slowest axis comes first.
template <int operands>
struct Box {
  int rank = 0;
  std::int64_t dims[kMaxAxes]{}, strides[operands][kMaxAxes]{};

  std::int64_t numel() const {
    std::int64_t n = 1;
    for (int axis = 0; axis < rank; ++axis) n *= dims[axis];
    return n;
  }
  /// From the first to the last element's place, at most.
  std::int64_t span(int operand) const {
    std::int64_t out = 0;
    for (int axis = 0; axis < rank; ++axis)
      out += (dims[axis] - 1) * std::abs(strides[operand][axis]);
    return out;
  }
  std::int64_t step(int operand) const { return strides[operand][rank - 1]; }

  void add_axis(std::int64_t size, const Box& from, int axis) {
    dims[rank] = size;
    for (int o = 0; o < operands; ++o) strides[o][rank] = from.strides[o][axis];
    ++rank;
  }
};

/// The box with axes of size 1 left out and neighbours merged where all arrays run on without a
/// gap; at least one axis remains.
template <int operands>
Box<operands> merged(const Box<operands>& box) {
  Box<operands> out;
  for (int axis = 0; axis < box.rank; ++axis) {
    if (box.dims[axis] == 1) continue;
    bool goes_on = out.rank > 0;
    for (int o = 0; goes_on && o < operands; ++o)
      goes_on = out.step(o) == box.strides[o][axis] * box.dims[axis];
    if (goes_on) {
      const std::int64_t outer = out.dims[--out.rank];
      out.add_axis(outer * box.dims[axis], box, axis);
    } else {
      out.add_axis(box.dims[axis], box, axis);
    }
  }
  if (out.rank == 0) out.dims[out.rank++] = 1;
  return out;
}

/// Kernels count in 32 bits: what is larger goes in pieces.
inline constexpr std::int64_t kLargestPiece = 0x7fffffff;

/// The axis to cut a box along that is too large; -1 where it is not.
template <int operands>
int axis_to_cut(const Box<operands>& box, std::int64_t most) {
  int cut = -1;
  if (box.numel() > most)  // along the slowest axis, so that the pieces run on without gaps
    for (int axis = box.rank - 1; axis >= 0; --axis)
      if (box.dims[axis] > 1) cut = axis;
  for (int o = 0; cut < 0 && o < operands; ++o) {
    if (box.span(o) <= most) continue;
    const auto reach = [&](int axis) {
      return (box.dims[axis] - 1) * std::abs(box.strides[o][axis]);
    };
    cut = 0;
    for (int axis = 1; axis < box.rank; ++axis)
      if (reach(axis) > reach(cut)) cut = axis;
  }
  return cut;
}

/// Calls f(piece, places of its first element) for merged pieces of the box of at most `most`
/// elements, which lie at most as far apart in each array.
template <int operands, class F>
void for_each_piece(const Box<operands>& box, const F& f, std::int64_t most = kLargestPiece,
                    const Places<operands>& start = {}) {
  const int axis = axis_to_cut(box, most);
  if (axis < 0) return f(merged(box), start);
  Box<operands> half = box;
  half.dims[axis] = box.dims[axis] / 2;
  for_each_piece(half, f, most, start);
  Places<operands> middle = start;
  for (int o = 0; o < operands; ++o) middle.at[o] += half.dims[axis] * box.strides[o][axis];
  half.dims[axis] = box.dims[axis] - half.dims[axis];
  for_each_piece(half, f, most, middle);
}

/// Whether the elements of the box, row by row, can be taken `width` at a time: then each array
/// runs on through them or repeats one element, and starts them at multiples of the width. The last
/// array must run on.
template <int operands>
bool packable(const Box<operands>& box, int width) {
  const int last = box.rank - 1;
  if (box.step(operands - 1) != 1 || (last > 0 && box.dims[last] % width != 0)) return false;
  for (int o = 0; o < operands; ++o) {
    if (box.step(o) == 0) continue;
    if (box.step(o) != 1) return false;
    for (int axis = 0; axis < last; ++axis)
      if (box.strides[o][axis] % width != 0) return false;
  }
  return true;
}

}  // namespace mien::cuda
