// Products of bf16 on the tensor cores: exact, summed in f32, rounded once where they are stored.
#include <cmath>

#include "kernels/cuda/gemm.h"
#include "tests/cuda/bf16.h"
#include "tests/cuda/conv2d_case.h"
#include "tests/support/catch.h"
#include "tests/support/twin_scratch.h"

namespace mien {
namespace {

constexpr TwinOptions kOnce{
    .tolerance = 1e-5, .table = DType::bf16, .cpu_table = DType::f32, .rounded_once = true};

std::vector<cuda::TileKind> tiles_of_bf16() {
  std::vector<cuda::TileKind> out;
  for (int tile = 0; tile < cuda::kTileKinds; ++tile)
    if (cuda::facts(cuda::TileKind(tile)).operands == DType::bf16)
      out.push_back(cuda::TileKind(tile));
  return out;
}

struct Product {
  std::int64_t batch, m, n, k;
  bool summed = false;
};

std::string same(const Product& s, bool trans_a, bool trans_c, bool y_f32, double beta,
                 const cuda::GemmPlan* plan = nullptr) {
  const Shape y{s.summed ? 1 : s.batch, s.m, s.n};
  return twin(
      {half({s.batch, s.m, s.k}, 1), half({s.batch, s.k, s.n}, 2), full({s.n}, 3),
       y_f32 ? full_result(y, beta) : half_result(y, beta)},
      [&](const KernelTable& k, void* const* b, StreamHandle stream) {
        GemmArgs g{.batch = s.batch,
                   .m = s.m,
                   .n = s.n,
                   .k = s.k,
                   .trans_a = trans_a,
                   .trans_c = trans_c,
                   .a = b[0],
                   .c = b[1],
                   .y = b[3],
                   .a_stride = s.m * s.k,
                   .c_stride = s.k * s.n,
                   .y_stride = s.summed ? 0 : s.m * s.n,
                   .bias = y_f32 ? nullptr : b[2],
                   .beta = beta,
                   .y_f32 = y_f32};
        const bool planned = plan && !is_cpu(k);
        const TwinScratch scratch(k, planned ? cuda::gemm_scratch(g, *plan) : k.gemm_scratch(g),
                                  stream);
        g.scratch = scratch.get();
        planned ? cuda::gemm<bf16>(g, *plan, stream) : k.gemm(g, stream);
      },
      kOnce);
}

TEST_CASE("gemm of bf16 gives the same with every tile, split or not", "[cuda]") {
  // Of two or more blocks down, or across.
  for (const cuda::TileKind tile : tiles_of_bf16())
    for (const bool trans_a : {false, true})
      for (const bool trans_c : {false, true}) {
        CAPTURE(int(tile), trans_a, trans_c);
        const Product s = trans_c ? Product{1, 152, 40, 72} : Product{1, 40, 136, 72};
        const cuda::GemmPlan plan{tile, trans_a == trans_c ? 1 : 3};
        CHECK(same(s, trans_a, trans_c, trans_a, trans_c ? 0.5 : 0, &plan) == "");
      }
}

TEST_CASE("gemm of bf16 has results in bf16 and in f32", "[cuda]") {
  for (const bool trans_a : {false, true})
    for (const bool trans_c : {false, true})
      for (const bool y_f32 : {false, true})
        for (const double beta : {0.0, 0.5}) {
          CAPTURE(trans_a, trans_c, y_f32, beta);
          CHECK(same({2, 16, 24, 40}, trans_a, trans_c, y_f32, beta) == "");
        }
}

TEST_CASE("gemm of bf16 sums batches up, and takes single rows", "[cuda]") {
  for (const bool trans_c : {false, true}) {
    CHECK(same({3, 16, 8, 24, true}, true, trans_c, true, 0.5) == "");
    CHECK(same({1, 1, 128, 464}, false, trans_c, false, 0) == "");
    CHECK(same({2, 3, 64, 0}, false, trans_c, false, 0) == "");
  }
  CHECK(same({1, 144, 64, 3}, true, false, true, 0) == "");  // a dense layer's weights
}

std::string same(const ConvCase& s, ConvPass pass, double beta, int tile = -1, int splits = 1) {
  Conv2dArgs a = args_of(s, pass);
  a.beta = beta;
  const Shape x{a.n, a.h, a.w, a.c}, w{a.kh, a.kw, a.c / a.groups, a.oc};
  const Shape y{a.n, a.oh, a.ow, a.oc};
  return twin(
      {pass == ConvPass::grad_x ? half_result(x, beta) : half(x, 1),
       pass == ConvPass::grad_w ? full_result(w, beta) : half(w, 2),
       pass == ConvPass::forward ? half_result(y, beta) : half(y, 3), full({a.oc}, 4)},
      [&](const KernelTable& k, void* const* b, StreamHandle stream) {
        Conv2dArgs call = a;
        call.x = b[0];
        call.weight = b[1];
        call.y = b[2];
        call.bias = pass == ConvPass::forward ? b[3] : nullptr;
        Plan plan = k.conv2d_plan(call);
        if (!is_cpu(k) && tile >= 0) {
          plan.tile = std::uint16_t(tile);
          plan.split = std::uint16_t(splits);
          const std::int64_t result = pass == ConvPass::forward  ? y.numel()
                                      : pass == ConvPass::grad_x ? x.numel()
                                                                 : w.numel();
          plan.scratch = std::size_t(splits * result) * sizeof(float);
        }
        const TwinScratch scratch(k, plan.scratch, stream);
        k.conv2d(call, plan, scratch.get(), stream);
      },
      kOnce);
}

TEST_CASE("convolutions of bf16 on the tensor cores are those of the CPU", "[cuda]") {
  const ConvCase cases[] = {
      {1, 4, 4, 64, 128, 5, 5, 1, 1, 2, 2, 2, 2, 1},  // of the emotion network, scaled down
      {2, 3, 3, 128, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {3, 1, 1, 8, 72, 3, 3, 1, 1, 1, 1, 1, 1, 1},    // one pixel
      {1, 9, 7, 40, 8, 1, 1, 1, 1, 0, 0, 0, 0, 1},    // one tap
      {2, 11, 10, 8, 16, 2, 3, 3, 1, 0, 1, 2, 0, 1},  // stride 3
      {1, 7, 7, 8, 8, 1, 1, 2, 1, 0, 0, 0, 0, 1},     // phases without a tap
      {1, 12, 11, 8, 8, 3, 3, 3, 2, 1, 0, 3, 4, 1},   // dilated and strided
      {2, 6, 5, 16, 32, 3, 3, 1, 1, 1, 1, 1, 1, 2},   // groups
      {2, 8, 9, 8, 8, 3, 3, 2, 2, 2, 2, 2, 2, 8},     // not on them: depthwise
      {2, 7, 6, 2, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},    // few channels
      {1, 6, 5, 12, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1}};  // rows of 24 bytes
  for (const ConvCase& s : cases) {
    CAPTURE(s.c, s.oc, s.kh, s.stride, s.dilation, s.groups);
    CHECK(same(s, ConvPass::forward, 0) == "");
    CHECK(same(s, ConvPass::grad_x, s.stride > 1 ? 0.5 : 0) == "");
    CHECK(same(s, ConvPass::grad_w, s.groups > 1 ? 0.5 : 0) == "");
  }
}

TEST_CASE("convolutions of bf16 give the same with every tile, split or not", "[cuda]") {
  const ConvCase s{5, 4, 7, 24, 16, 2, 3, 1, 1, 1, 1, 0, 1, 1};
  for (const cuda::TileKind tile : tiles_of_bf16())
    for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x, ConvPass::grad_w}) {
      const int splits = (int(tile) + int(pass)) % 2 == 0 ? 1 : 3;
      CAPTURE(int(tile), splits, int(pass));
      CHECK(same(s, pass, pass == ConvPass::forward ? 0 : 0.5, int(tile), splits) == "");
    }
}

TEST_CASE("arrays of bf16 that begin off a multiple of 16 bytes are multiplied all the same",
          "[cuda]") {
  for (const int off : {0, 1, 2}) {  // a, c or y, by one element
    CAPTURE(off);
    constexpr std::int64_t m = 16, n = 24, k = 40;
    REQUIRE(twin(
                {half({m * k + 1}, 1), half({k * n + 1}, 2), half({m * n + 1}, 3)},
                [&](const KernelTable& table, void* const* b, StreamHandle stream) {
                  const std::size_t size = is_cpu(table) ? sizeof(float) : sizeof(bf16);
                  const auto at = [&](int i) {
                    return static_cast<std::byte*>(b[i]) + (off == i ? size : 0);
                  };
                  GemmArgs g{.batch = 1,
                             .m = m,
                             .n = n,
                             .k = k,
                             .trans_a = false,
                             .trans_c = false,
                             .a = at(0),
                             .c = at(1),
                             .y = at(2),
                             .a_stride = m * k,
                             .c_stride = k * n,
                             .y_stride = m * n,
                             .bias = nullptr,
                             .beta = 0.5};
                  const TwinScratch scratch(table, table.gemm_scratch(g), stream);
                  g.scratch = scratch.get();
                  table.gemm(g, stream);
                },
                kOnce) == "");
  }
}

}  // namespace
}  // namespace mien
