// Copies between boxes of arrays, and rows chosen by indices.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <type_traits>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/transpose.cuh"
#include "kernels/cuda/workspace.h"

namespace mien::cuda {
namespace {

// The axes with the output's slowest first: then neighbours in a warp write neighbours.
Box<2> box_of(const CopyArgs& a) {
  int order[kMaxAxes];
  std::iota(order, order + a.rank, 0);
  std::stable_sort(order, order + a.rank, [&](int i, int j) {
    return std::abs(a.y_strides[i]) > std::abs(a.y_strides[j]);
  });
  Box<2> box;
  box.rank = a.rank;
  for (int i = 0; i < a.rank; ++i) {
    box.dims[i] = a.dims[order[i]];
    box.strides[0][i] = a.x_strides[order[i]];
    box.strides[1][i] = a.y_strides[order[i]];
  }
  return box;
}

template <class T>
struct Copy {
  Walk<2> walk;
  const T* x;
  T* y;
  float beta;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    Pack<T, width> v = walk.template read<width>(x + places.at[0], 0);
    T* const to = y + places.at[1];
    if constexpr (kAdds<T>) {
      if (beta != 0) {
        const Pack<T, width> old = load<width>(to);
        for (int k = 0; k < width; ++k) v.at[k] = added(v.at[k], beta, old.at[k]);
      }
    }
    store(to, v);
  }
};

// Arrays of [outer, rows, inner]: one that is walked through all of its rows, one of which the
// walk's rows say which row comes from, and the rows' numbers.
enum Operand : std::uint8_t { kOther, kRow, kWalked, kOperands };

Box<kOperands> box_of(std::int64_t outer, std::int64_t rows, std::int64_t inner,
                      std::int64_t other_rows) {
  return {.rank = 3,
          .dims = {outer, rows, inner},
          .strides = {{other_rows * inner, 0, 1}, {0, 1, 0}, {rows * inner, inner, 1}}};
}

template <class T>
struct Gather {
  Walk<kOperands> walk;
  std::int64_t inner;
  const std::int32_t* indices;
  const T* x;
  T* y;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    const T* from = x + places.at[kOther] + indices[places.at[kRow]] * inner;
    store(y + places.at[kWalked], load<width>(from));
  }
};

// The places of dy whose rows go to one of dx, in order: first[row], and from each the next[];
// -1 is the end.
struct Links {
  std::int64_t count;
  const std::int32_t* indices;
  std::int32_t *first, *next;

  template <int>
  __device__ void apply(std::int64_t row) const {
    std::int32_t* link = first + row;
    for (std::int64_t i = 0; i < count; ++i) {
      if (indices[i] != row) continue;
      *link = std::int32_t(i);
      link = next + i;
    }
    *link = -1;
  }
};

template <class T>
struct GatherGrad {
  Walk<kOperands> walk;
  std::int64_t inner;
  const std::int32_t *first, *next;
  const T* dy;
  T* dx;
  float beta;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    T* const to = dx + places.at[kWalked];
    Pack<float, width> sum{};
    if (beta != 0) {
      sum = load_f32<width>(to);
      for (float& each : sum.at) each *= beta;
    }
    for (std::int32_t row = first[places.at[kRow]]; row >= 0; row = next[row]) {
      const Pack<float, width> v = load_f32<width>(dy + places.at[kOther] + row * inner);
      for (int k = 0; k < width; ++k) sum.at[k] += v.at[k];
    }
    store_f32(to, sum);
  }
};

}  // namespace

template <class T>
void copy(const CopyArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const auto beta = float(a.beta);
  if (a.beta != 0 && !kAdds<T>) return;  // nothing adds elements that only store
  const Box<2> box = box_of(a);
  if (box.numel() == 0) return;
  for_each_piece(box, [&](const Box<2>& piece, const auto& from) {
    const T* x = static_cast<const T*>(a.x) + from.at[0];
    T* y = static_cast<T*>(a.y) + from.at[1];
    const int axis = transposed_axis(piece);
    if (axis >= 0) return transpose("copy", stream, piece, axis, x, y, beta);
    const bool packed =
        packable(piece, width) && (piece.step(0) == 0 || aligned<width>(x)) && aligned<width>(y);
    map<width>("copy", stream, piece.numel(), packed, Copy<T>{Walk<2>(piece), x, y, beta});
  });
}

template <class T>
void gather(const GatherArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const Box<kOperands> box = box_of(a.outer, a.count, a.inner, a.axis);
  if (box.numel() == 0) return;
  for_each_piece(box, [&](const auto& piece, const auto& from) {
    const T* x = static_cast<const T*>(a.x) + from.at[kOther];
    T* y = static_cast<T*>(a.y) + from.at[kWalked];
    const bool packed = a.inner % width == 0 && packable(piece, width) && aligned<width>(x, y);
    map<width>("gather", stream, piece.numel(), packed,
               Gather<T>{Walk<kOperands>(piece), a.inner, a.indices + from.at[kRow], x, y});
  });
}

template <class T>
void gather_grad(const GatherGradArgs& a, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const Box<kOperands> box = box_of(a.outer, a.axis, a.inner, a.count);
  if (box.numel() == 0) return;
  auto* first =
      static_cast<std::int32_t*>(workspace(std::size_t(a.axis + a.count) * sizeof(std::int32_t)));
  auto* next = first + a.axis;
  map<1>("gather_grad links", stream, a.axis, false, Links{a.count, a.indices, first, next});
  for_each_piece(box, [&](const auto& piece, const auto& from) {
    const auto* dy = static_cast<const T*>(a.dy) + from.at[kOther];
    auto* dx = static_cast<T*>(a.dx) + from.at[kWalked];
    const bool packed = a.inner % width == 0 && packable(piece, width) && aligned<width>(dy, dx);
    map<width>("gather_grad", stream, piece.numel(), packed,
               GatherGrad<T>{Walk<kOperands>(piece), a.inner, first + from.at[kRow], next, dy, dx,
                             float(a.beta)});
  });
}

template void copy<float>(const CopyArgs&, StreamHandle);
template void copy<bf16>(const CopyArgs&, StreamHandle);
template void copy<std::int32_t>(const CopyArgs&, StreamHandle);
template void copy<std::uint8_t>(const CopyArgs&, StreamHandle);
template void gather<float>(const GatherArgs&, StreamHandle);
template void gather<bf16>(const GatherArgs&, StreamHandle);
template void gather<std::int32_t>(const GatherArgs&, StreamHandle);
template void gather<std::uint8_t>(const GatherArgs&, StreamHandle);
template void gather_grad<float>(const GatherGradArgs&, StreamHandle);
template void gather_grad<bf16>(const GatherGradArgs&, StreamHandle);

}  // namespace mien::cuda
