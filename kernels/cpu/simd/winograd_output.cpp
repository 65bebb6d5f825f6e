// Winograd convolution: transforms products back to tiles of the output.
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/winograd.h"
#include "kernels/cpu/simd/winograd_transform.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// kLanes channels of a tile, `rows` x `columns` of which lie inside y.
template <int t, int m>
void transform(const float* v, std::int64_t stride, int rows, int columns, Vec bias, float beta,
               bool past_caches, float* y, std::int64_t row, std::int64_t pixel) {
  output_transform<t, m>(
      rows, [=](int f) __attribute__((always_inline)) { return load(v + f * stride); },
      [=](int i, int j, Vec value) __attribute__((always_inline)) {
        if (j >= columns) return;
        float* to = y + i * row + j * pixel;
        value += bias;
        if (past_caches) return stream(to, value);
        if (beta != 0) value += beta * load(to);
        store(to, value);
      });
}

// Fewer channels than a vector has: through a copy.
template <int t, int m>
void transform_some(const float* v, std::int64_t stride, int rows, int columns, Vec bias,
                    float beta, float* y, std::int64_t row, std::int64_t pixel, int channels) {
  float values[m * m * kLanes];
  transform<t, m>(v, stride, rows, columns, bias, 0, false, values, m * kLanes, kLanes);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      for (int c = 0; c < channels; ++c) {
        float& to = y[i * row + j * pixel + c];
        const float value = values[(i * m + j) * kLanes + c];
        to = beta == 0 ? value : value + beta * to;
      }
}

template <int t, int m>
void transform_tiles(const WinogradOutput& a) {
  const WinogradTiles& g = a.tiles;
  const std::int64_t row = std::int64_t(a.w) * a.c;
  // Half a line goes to memory as a line that has to be read and merged first.
  constexpr bool kWholeLines = sizeof(Vec) == 64;
  const bool past_caches = kWholeLines && a.past_caches && a.beta == 0 && a.c % kLanes == 0 &&
                           reinterpret_cast<std::uintptr_t>(a.y) % sizeof(Vec) == 0;
  for (std::int64_t q = 0; q < a.rows; ++q) {
    const std::int64_t tile = a.first + q, image = tile / (g.th * g.tw);
    const int place = int(tile % (g.th * g.tw));
    const int y = place / g.tw * m, x = place % g.tw * m;
    const int rows = least(m, a.h - y), columns = least(m, a.w - x);
    float* to = a.y + (image * a.h + y) * row + std::int64_t(x) * a.c;
    for (int c = 0; c < a.channels; c += kLanes) {
      const float* v = a.v + q * kPanel + c;
      const int channels = least(kLanes, a.channels - c);
      const Vec bias = a.bias ? load_some(a.bias + c, channels) : Vec{};
      if (channels == kLanes)
        transform<t, m>(v, a.stride, rows, columns, bias, a.beta, past_caches, to + c, row, a.c);
      else
        transform_some<t, m>(v, a.stride, rows, columns, bias, a.beta, to + c, row, a.c, channels);
    }
  }
  if (past_caches) stream_end();
}

}  // namespace

void winograd_output(const WinogradOutput& a) {
  switch (a.tiles.t * 8 + a.tiles.m) {
    case 4 * 8 + 2:
      return transform_tiles<4, 2>(a);
    case 5 * 8 + 3:
      return transform_tiles<5, 3>(a);
    case 6 * 8 + 2:
      return transform_tiles<6, 2>(a);
    case 6 * 8 + 4:
      return transform_tiles<6, 4>(a);
    case 8 * 8 + 4:
      return transform_tiles<8, 4>(a);
    default:
      return transform_tiles<8, 6>(a);
  }
}

}  // namespace mien::cpu::MIEN_ISA
