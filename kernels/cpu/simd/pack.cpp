// pack: right operands of products, in panels of kPanel columns.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/transpose.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// Rows ahead that are fetched: the rows of a wide matrix are too far apart for the hardware to
// guess.
constexpr std::int64_t kAhead = 16;

void pack_straight(const float* from, std::int64_t stride, std::int64_t k, std::int64_t columns,
                   float* to) {
  for (std::int64_t i = 0; i < k; ++i, from += stride) {
    const bool more = i + kAhead < k;
    for (std::int64_t j = 0; j < columns; j += kPanel) {
      float* row = to + (j * k + i * kPanel);
      for (std::int64_t v = j; v < j + kPanel; v += kLanes) {
        if (more) __builtin_prefetch(from + kAhead * stride + v);
        store(row + (v - j),
              v + kLanes <= columns ? load(from + v) : load_some(from + v, columns - v));
      }
    }
  }
}

void pack_turned(const float* from, std::int64_t stride, std::int64_t k, std::int64_t columns,
                 float* to) {
  for (std::int64_t j = 0; j < columns; j += kPanel, to += k * kPanel) {
    const std::int64_t used = least(columns - j, std::int64_t(kPanel));
    if (used < kPanel) __builtin_memset(to, 0, std::size_t(k * kPanel) * sizeof(float));
    turn(from + j * stride, stride, used, k, to, kPanel);
  }
}

}  // namespace

void turn(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns,
          float* to, std::int64_t to_stride) {
  for (std::int64_t i = 0; i < rows; i += kLanes) {
    const std::int64_t high = least(rows - i, std::int64_t(kLanes));
    for (std::int64_t j = 0; j < columns; j += kLanes) {
      const std::int64_t wide = least(columns - j, std::int64_t(kLanes));
      const float* corner = from + i * from_stride + j;
      float* into = to + j * to_stride + i;
      Vec square[kLanes];
      if (high == kLanes && wide == kLanes) {
        for (int r = 0; r < kLanes; ++r) {
          square[r] = load(corner + r * from_stride);
          __builtin_prefetch(corner + (r + kLanes) * from_stride);
        }
        transpose(square);
        for (int r = 0; r < kLanes; ++r) store(into + r * to_stride, square[r]);
      } else {
        for (std::int64_t r = 0; r < high; ++r)
          for (std::int64_t s = 0; s < wide; ++s)
            into[s * to_stride + r] = corner[r * from_stride + s];
      }
    }
  }
}

void pack_panels(const float* from, std::int64_t stride, bool turned, std::int64_t k,
                 std::int64_t columns, float* to) {
  turned ? pack_turned(from, stride, k, columns, to) : pack_straight(from, stride, k, columns, to);
}

}  // namespace mien::cpu::MIEN_ISA
