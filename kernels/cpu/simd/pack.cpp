// pack: right operands of products, in panels of kPanel columns.
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/transpose.h"

namespace mien::cpu::MIEN_ISA {
namespace {

void pack_straight(const float* from, std::int64_t stride, std::int64_t k, std::int64_t columns,
                   float* to) {
  for (std::int64_t i = 0; i < k; ++i, from += stride, to += kPanel) {
    for (std::int64_t j = 0; j < kPanel; j += kLanes)
      store(to + j, j + kLanes <= columns ? load(from + j) : load_some(from + j, columns - j));
  }
}

void pack_turned(const float* from, std::int64_t stride, std::int64_t k, std::int64_t columns,
                 float* to) {
  for (std::int64_t j = 0; j < kPanel; j += kLanes) {
    for (std::int64_t i = 0; i < k; i += kLanes) {
      Vec square[kLanes];
      for (int r = 0; r < kLanes; ++r) {
        const float* row = from + (j + r) * stride + i;
        square[r] = j + r >= columns ? Vec{} : i + kLanes <= k ? load(row) : load_some(row, k - i);
      }
      transpose(square);
      for (int r = 0; r < kLanes; ++r)
        if (i + r < k) store(to + (i + r) * kPanel + j, square[r]);
    }
  }
}

}  // namespace

void pack_panel(const float* from, std::int64_t stride, bool turned, std::int64_t k,
                std::int64_t columns, float* to) {
  turned ? pack_turned(from, stride, k, columns, to) : pack_straight(from, stride, k, columns, to);
}

}  // namespace mien::cpu::MIEN_ISA
