#include "kernels/cuda/gemm.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/twin_scratch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  std::int64_t batch, m, n, k;
  bool shared_c = false, summed = false;
};

std::string same(const Case& s, bool trans_a, bool trans_c, bool bias, double beta,
                 const cuda::GemmPlan* plan = nullptr, MatmulMath math = MatmulMath::exact) {
  const bool exact =
      plan ? cuda::facts(plan->tile).math == MatmulMath::exact : math == MatmulMath::exact;
  const std::int64_t results = s.summed ? 1 : s.batch;
  const std::vector<Tensor> buffers{
      random_tensor({s.batch, s.m, s.k}, 1, -1, 1, DType::f32),
      random_tensor({s.shared_c ? 1 : s.batch, s.k, s.n}, 2, -1, 1, DType::f32),
      random_tensor({s.n}, 3, -1, 1, DType::f32),
      beta == 0 ? unwritten({results, s.m, s.n})
                : random_tensor({results, s.m, s.n}, 4, -1, 1, DType::f32)};
  return twin(buffers,
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
                           .c_stride = s.shared_c ? 0 : s.k * s.n,
                           .y_stride = s.summed ? 0 : s.m * s.n,
                           .bias = bias ? b[2] : nullptr,
                           .beta = beta,
                           .math = math};
                const bool planned = plan && !is_cpu(k);
                const TwinScratch scratch(
                    k, planned ? cuda::gemm_scratch(g, *plan) : k.gemm_scratch(g), stream);
                g.scratch = scratch.get();
                planned ? cuda::gemm<float>(g, *plan, stream) : k.gemm(g, stream);
              },
              {.tolerance = exact ? 1e-5 : 0x1p-10});
}

TEST_CASE("gemm is that of the CPU, transposed or not", "[cuda]") {
  // Dense layers scaled down, then what is odd.
  const Case cases[] = {{1, 2, 256, 460}, {1, 16, 7, 128}, {1, 1, 1, 1},    {1, 1, 5, 300},
                        {1, 70, 1, 33},   {3, 5, 6, 7},    {1, 40, 76, 12}, {1, 4, 4, 0}};
  for (const Case& s : cases)
    for (const bool trans_a : {false, true})
      for (const bool trans_c : {false, true}) {
        CAPTURE(s.batch, s.m, s.n, s.k, trans_a, trans_c);
        CHECK(same(s, trans_a, trans_c, false, 0) == "");
      }
}

TEST_CASE("gemm adds a bias and what was there before", "[cuda]") {
  for (const Case& s : {Case{1, 9, 12, 20}, Case{1, 3, 7, 200}, Case{2, 4, 3, 1}})
    for (const double beta : {0.0, 1.0, 0.5}) {
      CAPTURE(s.m, s.n, s.k, beta);
      CHECK(same(s, false, false, true, beta) == "");
      CHECK(same(s, true, true, false, beta) == "");
    }
}

TEST_CASE("gemm repeats a factor over the batch and sums batches up", "[cuda]") {
  for (const bool trans_a : {false, true})
    for (const bool trans_c : {false, true})
      for (const double beta : {0.0, 0.5}) {
        CAPTURE(trans_a, trans_c, beta);
        CHECK(same({4, 6, 8, 12, true, false}, trans_a, trans_c, false, beta) == "");
        CHECK(same({5, 6, 7, 10, false, true}, trans_a, trans_c, true, beta) == "");
        CHECK(same({0, 6, 7, 10, false, true}, trans_a, trans_c, false, beta) == "");
      }
}

TEST_CASE("gemm in TF32 is off by no more than its factors' rounding", "[cuda]") {
  for (const Case& s : {Case{1, 16, 64, 460}, Case{3, 8, 12, 20}, Case{1, 2, 7, 64}})
    for (const bool trans_a : {false, true})
      for (const bool trans_c : {false, true}) {
        CAPTURE(s.batch, s.m, s.n, s.k, trans_a, trans_c);
        CHECK(same(s, trans_a, trans_c, true, 0.5, nullptr, MatmulMath::tf32) == "");
      }
}

TEST_CASE("gemm gives the same with every tile, split or not", "[cuda]") {
  const Case cases[] = {{1, 148, 132, 20}, {2, 33, 35, 41}};
  for (const Case& s : cases)
    for (int tile = 0; tile < cuda::kTileKinds; ++tile) {
      const cuda::TileFacts& facts = cuda::facts(cuda::TileKind(tile));
      if (facts.operands != DType::f32) continue;
      if (facts.math != MatmulMath::exact && s.m % 4 != 0) continue;  // it would be an exact one
      for (const bool trans_a : {false, true})
        for (const bool trans_c : {false, true}) {
          CAPTURE(s.m, tile, trans_a, trans_c);
          const cuda::GemmPlan plan{cuda::TileKind(tile), trans_a ? 3 : 1};
          CHECK(same(s, trans_a, trans_c, true, 0.5, &plan) == "");
        }
    }
}

}  // namespace
}  // namespace mien
