#pragma once

#include <cstdint>

namespace mien::cpu {

/// Columns whose sums a loop keeps in registers.
inline constexpr int kColumns = 16;

/// Calls body.template operator()<width>(first column) for all c columns: tiles of kColumns, then
/// single ones. The constant width lets the compiler unroll and vectorize a tile.
template <class F>
void for_column_tiles(std::int64_t c, F&& body) {
  std::int64_t at = 0;
  for (; at + kColumns <= c; at += kColumns) body.template operator()<kColumns>(at);
  for (; at + 4 <= c; at += 4) body.template operator()<4>(at);
  for (; at < c; ++at) body.template operator()<1>(at);
}

/// total[k] = sum over blocks of partial[block * stride + k], k < c: in the order of the blocks, in
/// double.
template <class T>
void sum_blocks(const T* partial, std::int64_t blocks, std::int64_t stride, std::int64_t c,
                T* total) {
  for (std::int64_t k = 0; k < c; ++k) {
    double sum = 0;
    for (std::int64_t b = 0; b < blocks; ++b) sum += double(partial[b * stride + k]);
    total[k] = T(sum);
  }
}

}  // namespace mien::cpu
