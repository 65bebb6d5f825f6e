// Winograd convolution: transforms tiles of the input.
#include "kernels/cpu/simd/winograd.h"
#include "kernels/cpu/simd/winograd_transform.h"

namespace mien::cpu::MIEN_ISA {
namespace {

// The part of a tile, rows and columns [begin, end), that lies inside the image.
struct Inside {
  int begin, end;
};
Inside inside(int first, int t, int size) { return {most(0, -first), least(t, size - first)}; }

// kLanes channels of a tile whose pixel (0, 0) is at `tile`, which may lie outside.
template <int t>
void transform(const float* tile, std::int64_t row, std::int64_t pixel, Inside rows, Inside columns,
               float* v, std::int64_t stride) {
  const auto put = [=](int f, Vec value) __attribute__((always_inline)) {
    store(v + f * stride, value);
  };
  if (columns.begin == 0 && columns.end == t) {
    input_transform<t>(
        rows.begin, rows.end,
        [=](int i, int j)
            __attribute__((always_inline)) { return load(tile + i * row + j * pixel); },
        put);
  } else {
    input_transform<t>(
        rows.begin, rows.end,
        [=](int i, int j) __attribute__((always_inline)) {
          return columns.begin <= j && j < columns.end ? load(tile + i * row + j * pixel) : Vec{};
        },
        put);
  }
}

// Fewer channels than a vector has: through a copy.
template <int t>
void transform_some(const float* tile, std::int64_t row, std::int64_t pixel, Inside rows,
                    Inside columns, int channels, float* v, std::int64_t stride) {
  Vec copy[t * t] = {};
  for (int i = rows.begin; i < rows.end; ++i)
    for (int j = columns.begin; j < columns.end; ++j)
      for (int c = 0; c < channels; ++c) copy[i * t + j][c] = tile[i * row + j * pixel + c];
  float values[t * t * kLanes];
  __builtin_memcpy(values, copy, sizeof copy);
  transform<t>(values, t * kLanes, kLanes, {0, t}, {0, t}, v, stride);
}

template <int t>
void transform_tiles(const WinogradInput& a) {
  const WinogradTiles& g = a.tiles;
  const std::int64_t row = std::int64_t(a.w) * a.c;
  for (std::int64_t q = 0; q < a.rows; ++q) {
    const std::int64_t tile = a.first + q, image = tile / (g.th * g.tw);
    const int place = int(tile % (g.th * g.tw));
    const int y = place / g.tw * g.m - g.pt, x = place % g.tw * g.m - g.pl;
    const Inside rows = inside(y, t, a.h), columns = inside(x, t, a.w);
    const float* from = a.x + (image * a.h + y) * row + std::int64_t(x) * a.c;
    float* v = a.v + q * a.row_stride;
    int c = 0;
    for (; c + kLanes <= a.channels; c += kLanes)
      transform<t>(from + c, row, a.c, rows, columns, v + c, a.stride);
    if (c < a.channels)
      transform_some<t>(from + c, row, a.c, rows, columns, a.channels - c, v + c, a.stride);
  }
}

}  // namespace

void winograd_input(const WinogradInput& a) {
  switch (a.tiles.t) {
    case 4:
      return transform_tiles<4>(a);
    case 5:
      return transform_tiles<5>(a);
    case 6:
      return transform_tiles<6>(a);
    default:
      return transform_tiles<8>(a);
  }
}

}  // namespace mien::cpu::MIEN_ISA
