// Winograd convolution: transforms the filters.
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/transpose.h"
#include "kernels/cpu/simd/winograd.h"
#include "kernels/cpu/simd/winograd_transform.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// One vector of filters; tap (i, j) at g + i * row + j * tap.
template <int t, int r>
void transform(const float* g, std::int64_t row, std::int64_t tap, float* u, std::int64_t stride) {
  filter_transform<t, r>(
      r, [=](int i, int j) __attribute__((always_inline)) { return load(g + i * row + j * tap); },
      [=](int f, Vec value) __attribute__((always_inline)) { store(u + f * stride, value); });
}

template <int t>
void clear(float* u, std::int64_t stride) {
  for (int f = 0; f < t * t; ++f) store(u + f * stride, Vec{});
}

template <int t, int r>
void transform_straight(const WinogradFilters& a) {
  const std::int64_t tap = std::int64_t(a.c) * a.oc;
  for (int k = 0; k < a.rows; ++k)
    for (int column = 0; column < kPanel; column += kLanes) {
      const float* g = a.weight + std::int64_t(k) * a.oc + column;
      float* u = a.u + k * kPanel + column;
      const int columns = a.columns - column;
      if (columns >= kLanes) {
        transform<t, r>(g, r * tap, tap, u, a.stride);
      } else if (columns > 0) {
        Vec copy[r * r];
        for (int i = 0; i < r * r; ++i) copy[i] = load_some(g + i * tap, columns);
        float values[r * r * kLanes];
        __builtin_memcpy(values, copy, sizeof copy);
        transform<t, r>(values, r * kLanes, kLanes, u, a.stride);
      } else {
        clear<t>(u, a.stride);
      }
    }
}

// A vector runs over c, which is not the last axis of the weight: kLanes x kLanes of every tap are
// transposed first.
template <int t, int r>
void transform_turned(const WinogradFilters& a) {
  constexpr int kSquare = kLanes * kLanes;
  const std::int64_t tap = std::int64_t(a.c) * a.oc;
  alignas(64) float taps[r * r * kSquare];
  for (int column = 0; column < kPanel; column += kLanes) {
    const int columns = least(kLanes, a.columns - column);
    for (int first = 0; first < a.rows; first += kLanes) {
      const int rows = least(kLanes, a.rows - first);
      float* u = a.u + first * kPanel + column;
      if (columns <= 0) {
        for (int k = 0; k < rows; ++k) clear<t>(u + k * kPanel, a.stride);
        continue;
      }
      const float* g = a.weight + std::int64_t(column) * a.oc + first;
      for (int i = 0; i < r * r; ++i) {
        Vec square[kLanes];
        for (int c = 0; c < kLanes; ++c)
          square[c] = c >= columns     ? Vec{}
                      : rows == kLanes ? load(g + i * tap + std::int64_t(c) * a.oc)
                                       : load_some(g + i * tap + std::int64_t(c) * a.oc, rows);
        transpose(square);
        for (int k = 0; k < kLanes; ++k)
          store(taps + (r * r - 1 - i) * kSquare + k * kLanes, square[k]);
      }
      for (int k = 0; k < rows; ++k)
        transform<t, r>(taps + k * kLanes, r * kSquare, kSquare, u + k * kPanel, a.stride);
    }
  }
}

template <int t, int r>
void transform_filters(const WinogradFilters& a) {
  if (a.turned)
    transform_turned<t, r>(a);
  else
    transform_straight<t, r>(a);
}

}  // namespace

void winograd_filters(const WinogradFilters& a) {
  switch (a.t * 8 + a.r) {
    case 4 * 8 + 3:
      return transform_filters<4, 3>(a);
    case 5 * 8 + 3:
      return transform_filters<5, 3>(a);
    case 6 * 8 + 3:
      return transform_filters<6, 3>(a);
    case 8 * 8 + 3:
      return transform_filters<8, 3>(a);
    case 6 * 8 + 5:
      return transform_filters<6, 5>(a);
    default:
      return transform_filters<8, 5>(a);
  }
}

}  // namespace mien::cpu::MIEN_ISA
