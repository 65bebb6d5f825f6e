#pragma once

#include <cstddef>
#include <cstdint>

namespace mien::cpu::MIEN_ISA {

/// What forward and the gradients of the input come down to, one or several times: each place
/// (oy, ox) of `to` is the sum over the taps (ky, kx) and channels of `from` at
/// (oy * sy + ky * dy - pt, ox * sx + kx * dx - pl), zero outside, times the weights. Pads may be
/// negative.
struct Correlation {
  std::int64_t n, h, w, c;  // from: [n, h, w, c]
  std::int64_t kh, kw, sy, sx, dy, dx, pt, pl;
  std::int64_t oh, ow, oc;                   // places of `to` and their channels
  std::int64_t to_image, to_row, to_column;  // elements from one to the next
  const float* from;
  float* to;
  const float* weight;  // packed: panels of [kh, kw, c] rows
  const float* bias;
  float beta;
};

/// Elements of a correlation's packed weights.
std::int64_t packed_size(const Correlation&);
/// Bytes of scratch that correlate() needs.
std::size_t correlate_scratch(const Correlation&);
void correlate(const Correlation&, void* scratch);

}  // namespace mien::cpu::MIEN_ISA
