#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/api.h"
#include "mien/base/philox.h"

// What batch_norm and its gradient share.

namespace mien::cpu {

/// Columns that a pass holds factors for on its stack; wide enough that rows are read in one run
/// for usual sizes.
inline constexpr std::int64_t kNormColumns = 512;

template <class T>
T inverse_deviation(T variance, double epsilon) {
  return T(1 / std::sqrt(double(variance) + epsilon));
}

/// Calls body.template operator()<places, has_output>(x, y) for all places of a piece of work, in
/// order: first elements in x and in y of a window of 4 places or of a single one. Where it pools,
/// an odd last line or column is of no window: single places without output.
template <class F>
void for_windows(const NormShape& s, std::int64_t piece, F&& body) {
  const std::int64_t begin = piece * s.piece(), end = std::min(begin + s.piece(), s.strips());
  if (!s.pool) {
    for (std::int64_t row = begin; row < end; ++row)
      body.template operator()<1, true>(row * s.c, row * s.c);
    return;
  }
  const std::int64_t line = s.w * s.c, image_strips = (s.h + 1) / 2;
  for (std::int64_t strip = begin; strip < end; ++strip) {
    const std::int64_t image = strip / image_strips, pair = strip % image_strips;
    std::int64_t x = (image * s.h + 2 * pair) * line;
    if (2 * pair + 1 == s.h) {
      for (std::int64_t i = 0; i < s.w; ++i, x += s.c) body.template operator()<1, false>(x, 0);
      continue;
    }
    std::int64_t y = (image * (s.h / 2) + pair) * (s.w / 2) * s.c;
    for (std::int64_t i = 0; i + 1 < s.w; i += 2, x += 2 * s.c, y += s.c)
      body.template operator()<4, true>(x, y);
    if (s.w % 2 == 0) continue;
    body.template operator()<1, false>(x, 0);
    body.template operator()<1, false>(x + line, 0);
  }
}

/// Where the places of a window lie, in elements from its first one.
struct Places {
  explicit Places(const NormShape& s) : offset{0, s.c, s.w * s.c, (s.w + 1) * s.c} {}
  std::int64_t offset[4];
};

/// The random words of a dropout, shifted right by 8, made as they are asked for.
class Draws {
 public:
  explicit Draws(const NormDropout& dropout) : dropout_(dropout) {}
  /// Those of elements [from, from + n), n up to kNormColumns; none of limit and more will be asked
  /// for.
  const std::int32_t* at(std::int64_t from, std::int64_t n, std::int64_t limit) {
    if (from < begin_ || from + n > end_) {
      begin_ = from / 4 * 4;
      end_ = std::min(begin_ + kSize, (limit + 3) / 4 * 4);
      for (std::int64_t i = begin_; i < end_; i += 4) {
        const auto words = philox_block(dropout_.seed, dropout_.stream, std::uint64_t(i) / 4);
        for (std::int64_t j = 0; j < 4; ++j)
          words_[i - begin_ + j] = std::int32_t(words[std::size_t(j)] >> 8);
      }
    }
    return words_ + (from - begin_);
  }

 private:
  static constexpr std::int64_t kSize = 2 * kNormColumns;
  NormDropout dropout_;
  std::int64_t begin_ = 0, end_ = 0;
  std::int32_t words_[kSize];
};

}  // namespace mien::cpu
