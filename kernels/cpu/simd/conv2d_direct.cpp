// conv2d_direct: forward and the input's gradient as correlations.
#include "kernels/cpu/simd/correlate.h"
#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/tile.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// The taps of one axis that meet in one phase of the places modulo the stride.
struct Phase {
  std::int64_t places, taps, first, pad;  // first: its last tap, the one that is first when turned
};

// dx at i = phase + s * j sums over the taps k with (i + p - k d) divisible by s. Only s or d is
// not 1, and with d = 1 these are k = r, r + s, ... for r = (phase + p) % s, met at dy[j + (phase +
// p - k) / s].
Phase phase_of(std::int64_t size, std::int64_t k, std::int64_t s, std::int64_t d, std::int64_t p,
               std::int64_t phase) {
  const std::int64_t r = s == 1 ? 0 : (phase + p) % s;
  const std::int64_t taps = r < k ? (k - r - 1) / s + 1 : 0;
  const std::int64_t at = s == 1 ? phase + p : (phase + p) / s;  // of the first tap
  return {divide_up(size - phase, s), taps, r, taps > 0 ? (taps - 1) * d - at : 0};
}

// The correlation of one phase; forward has one.
Correlation correlation_of(const Conv2dArgs& a, std::int64_t phase, Phase& y, Phase& x) {
  if (a.pass == ConvPass::forward) {
    return {.n = a.n,
            .h = a.h,
            .w = a.w,
            .c = a.c,
            .kh = a.kh,
            .kw = a.kw,
            .sy = a.sh,
            .sx = a.sw,
            .dy = a.dh,
            .dx = a.dw,
            .pt = a.pt,
            .pl = a.pl,
            .oh = a.oh,
            .ow = a.ow,
            .oc = a.oc,
            .to_image = std::int64_t(a.oh) * a.ow * a.oc,
            .to_row = std::int64_t(a.ow) * a.oc,
            .to_column = a.oc,
            .from = static_cast<const float*>(a.x),
            .to = static_cast<float*>(a.y),
            .weight = nullptr,
            .bias = static_cast<const float*>(a.bias),
            .beta = 0};
  }
  const std::int64_t phase_y = phase / a.sw, phase_x = phase % a.sw;
  y = phase_of(a.h, a.kh, a.sh, a.dh, a.pt, phase_y);
  x = phase_of(a.w, a.kw, a.sw, a.dw, a.pl, phase_x);
  return {.n = a.n,
          .h = a.oh,
          .w = a.ow,
          .c = a.oc,
          .kh = y.taps,
          .kw = x.taps,
          .sy = 1,
          .sx = 1,
          .dy = a.dh,
          .dx = a.dw,
          .pt = y.pad,
          .pl = x.pad,
          .oh = y.places,
          .ow = x.places,
          .oc = a.c,
          .to_image = std::int64_t(a.h) * a.w * a.c,
          .to_row = std::int64_t(a.sh) * a.w * a.c,
          .to_column = std::int64_t(a.sw) * a.c,
          .from = static_cast<const float*>(a.y),
          .to = static_cast<float*>(a.x) + (phase_y * a.w + phase_x) * a.c,
          .weight = nullptr,
          .bias = nullptr,
          .beta = float(a.beta)};
}

std::int64_t phases(const Conv2dArgs& a) {
  return a.pass == ConvPass::forward ? 1 : std::int64_t(a.sh) * a.sw;
}

bool is_empty(const Correlation& c) { return c.oh <= 0 || c.ow <= 0; }

std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::size_t packed_bytes(const Correlation& c) {
  return round_up(std::size_t(packed_size(c)) * sizeof(float));
}

// One tap of one panel is a piece.
void pack(const Conv2dArgs& a, const Correlation& c, const Phase& y, const Phase& x, float* to) {
  const float* weight = static_cast<const float*>(a.weight);
  const std::int64_t taps = c.kh * c.kw, panels = divide_up(c.oc, kPanel);
  parallel_for(taps * panels, [=, &a](std::int64_t piece) {
    const std::int64_t panel = piece / taps, tap = piece % taps;
    const std::int64_t column = panel * kPanel;
    const std::int64_t columns = least(std::int64_t(kPanel), c.oc - column);
    float* into = to + (panel * taps + tap) * c.c * kPanel;
    if (a.pass == ConvPass::forward) {
      pack_panels(weight + tap * c.c * c.oc + column, c.oc, false, c.c, columns, into);
    } else {
      const std::int64_t ky = y.first + (c.kh - 1 - tap / c.kw) * a.sh;
      const std::int64_t kx = x.first + (c.kw - 1 - tap % c.kw) * a.sw;
      pack_panels(weight + ((ky * a.kw + kx) * c.oc + column) * c.c, c.c, true, c.c, columns, into);
    }
  });
}

}  // namespace

std::size_t direct_pack(const Conv2dArgs& a, const Plan&, void* to) {
  std::size_t bytes = 0;
  for (std::int64_t i = 0; i < phases(a); ++i) {
    Phase y, x;
    const Correlation c = correlation_of(a, i, y, x);
    if (is_empty(c)) continue;
    if (to) pack(a, c, y, x, reinterpret_cast<float*>(static_cast<char*>(to) + bytes));
    bytes += packed_bytes(c);
  }
  return bytes;
}

bool direct_plan(const Conv2dArgs& a, Plan& plan) {
  if (a.groups != 1 || a.pass == ConvPass::grad_w || a.n == 0) return false;
  if (a.pass == ConvPass::grad_x && ((a.sh > 1 && a.dh > 1) || (a.sw > 1 && a.dw > 1)))
    return false;
  std::size_t scratch = 0;
  for (std::int64_t i = 0; i < phases(a); ++i) {
    Phase y, x;
    const Correlation c = correlation_of(a, i, y, x);
    if (!is_empty(c)) scratch = most(scratch, correlate_scratch(c));
  }
  plan.scratch = round_up(scratch) + (a.packed_weight ? 0 : direct_pack(a, plan, nullptr));
  return true;
}

void direct_run(const Conv2dArgs& a, const Plan& plan, void* scratch) {
  char* work = static_cast<char*>(scratch);
  const char* packed = static_cast<const char*>(a.packed_weight);
  if (!packed) {
    packed = work;
    work += direct_pack(a, plan, work);
  }
  for (std::int64_t i = 0; i < phases(a); ++i) {
    Phase y, x;
    Correlation c = correlation_of(a, i, y, x);
    if (is_empty(c)) continue;
    c.weight = reinterpret_cast<const float*>(packed);
    correlate(c, work);
    packed += packed_bytes(c);
  }
}

}  // namespace mien::cpu::MIEN_ISA
