#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/cuda/implicit_gemm_plan.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/twin_scratch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  int n, h, w, c, oc, kh, kw, groups;  // without padding
};
using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;  // of rows, one of each tile

Conv2dArgs args_of(const Case& s) {
  return {.n = s.n,
          .h = s.h,
          .w = s.w,
          .c = s.c,
          .oh = s.h - s.kh + 1,
          .ow = s.w - s.kw + 1,
          .oc = s.oc,
          .kh = s.kh,
          .kw = s.kw,
          .sh = 1,
          .sw = 1,
          .dh = 1,
          .dw = 1,
          .pt = 0,
          .pl = 0,
          .groups = s.groups,
          .pass = ConvPass::forward,
          .math = ConvMath::exact,
          .x = nullptr,
          .weight = nullptr,
          .y = nullptr,
          .bias = nullptr,
          .beta = 0};
}

Ranges tiles_of(std::int64_t rows, std::int64_t of_tile) {
  Ranges out;
  for (std::int64_t row = 0; row < rows; row += of_tile)
    out.emplace_back(row, std::min(row + of_tile, rows));
  return out;
}

// What a device leaves in `moments`, from y.
void moments_on_cpu(const Conv2dArgs& a, const Ranges& tiles) {
  const auto* y = static_cast<const float*>(a.y);
  const std::size_t c = std::size_t(a.oc);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const auto [begin, end] = tiles[t];
    for (std::size_t j = 0; j < c; ++j) {
      double sum = 0, squares = 0;
      for (std::int64_t r = begin; r < end; ++r) sum += double(y[std::size_t(r) * c + j]);
      const double mean = sum / double(end - begin);
      for (std::int64_t r = begin; r < end; ++r)
        squares += std::pow(double(y[std::size_t(r) * c + j]) - mean, 2);
      a.moments[t * 2 * c + j] = float(mean);
      a.moments[t * 2 * c + c + j] = float(squares);
    }
    a.moments[tiles.size() * 2 * c + t] = float(end - begin);
  }
}

// tile: of the implicit GEMM, or -1 for the planned one.
std::string same(const Case& s, const Ranges& tiles, bool bias, int tile = -1,
                 DType type = DType::f32) {
  const Conv2dArgs a = args_of(s);
  const auto eighths = [](const Shape& shape, int seed) {  // whose products are exact in any math
    Tensor numbers = random_tensor(shape, seed, -1, 1, DType::f32);
    auto* each = numbers.data<float>();
    for (std::int64_t i = 0; i < numbers.numel(); ++i) each[i] = std::round(8 * each[i]) / 8;
    return numbers;
  };
  const TwinOptions options{.table = type, .cpu_table = DType::f32, .rounded_once = true};
  const auto of_moments = std::int64_t(tiles.size()) * (2 * a.oc + 1);
  const std::vector<Tensor> buffers{eighths({a.n, a.h, a.w, a.c}, 1).to(type),
                                    eighths({a.kh, a.kw, a.c / a.groups, a.oc}, 2).to(type),
                                    unwritten({a.n, a.oh, a.ow, a.oc}).to(type), eighths({a.oc}, 4),
                                    unwritten({of_moments})};
  return twin(
      buffers,
      [&](const KernelTable& k, void* const* b, StreamHandle stream) {
        Conv2dArgs call = a;
        call.x = b[0];
        call.weight = b[1];
        call.y = b[2];
        call.bias = bias ? b[3] : nullptr;
        Plan plan = k.conv2d_plan(call);
        if (!is_cpu(k)) {
          call.moments = static_cast<float*>(b[4]);
          if (tile >= 0) {
            plan.tile = std::uint16_t(tile);
            plan.split = 1;
            plan.moment_tiles = int(tiles.size());
          }
          CHECK(std::size_t(plan.moment_tiles) == tiles.size());
        }
        const TwinScratch scratch(k, plan.scratch, stream);
        k.conv2d(call, plan, scratch.get(), stream);
        if (!is_cpu(k)) return;
        call.moments = static_cast<float*>(b[4]);
        moments_on_cpu(call, tiles);
      },
      options);
}

TEST_CASE("a convolution gives the moments of its result by tiles, of every size", "[cuda]") {
  const Case s{2, 9, 10, 16, 136, 2, 1, 1};  // 160 rows: each tile with a tail, and the columns too
  for (int tile = 0; tile < cuda::kTileKinds; ++tile) {
    const cuda::TileFacts& facts = cuda::facts(cuda::TileKind(tile));
    CAPTURE(facts.name);
    CHECK(same(s, tiles_of(160, facts.m), tile % 2 == 0, tile, facts.operands) == "");
  }
}

TEST_CASE("a convolution of groups gives the moments of all channels", "[cuda]") {
  const Case s{1, 5, 7, 8, 24, 1, 1, 2};
  const int tile = int(cuda::TileKind::ffma_16x16);
  CHECK(same(s, tiles_of(35, 16), true, tile) == "");
}

TEST_CASE("a convolution of few channels gives the moments of its result by tiles", "[cuda]") {
  // A tile is a line of an image, or where there are enough of them two, of 13.
  CHECK(same({2, 5, 11, 1, 64, 3, 3, 1}, tiles_of(2 * 3 * 9, 9), true) == "");
  CHECK(same({1, 4, 8, 3, 5, 2, 2, 1}, tiles_of(3 * 7, 7), false) == "");
  CHECK(same({2, 5, 11, 1, 64, 3, 3, 1}, tiles_of(2 * 3 * 9, 9), true, -1, DType::bf16) == "");
  Ranges lines;
  for (int image = 0; image < 40; ++image)
    for (int line = 0; line < 13; line += 2) {
      const std::int64_t first = 13 * image + line, last = 13 * image + std::min(line + 2, 13);
      lines.emplace_back(4 * first, 4 * last);
    }
  CHECK(same({40, 13, 4, 1, 4, 1, 1, 1}, lines, true) == "");
}

}  // namespace
}  // namespace mien
