#include "kernels/cuda/implicit_gemm_plan.h"

#include "tests/support/catch.h"

namespace mien::cuda {
namespace {

constexpr Machine kH100{132, 227 << 10}, kAda{128, 99 << 10};

TEST_CASE("The plan of an implicit GEMM fills the device", "[cuda]") {
  // Forward, gradients of inputs and of weights of the emotion network's layers at batch 128.
  const GemmShape shapes[] = {{73728, 128, 1, 25, 64},  {73728, 64, 1, 25, 128},
                              {1600, 128, 1, 1, 73728}, {18432, 512, 1, 9, 128},
                              {1152, 512, 1, 1, 18432}, {4608, 512, 1, 9, 512},
                              {4608, 512, 1, 1, 4608}};
  struct Kind {
    MatmulMath math;
    DType operands;
  };
  for (GemmShape s : shapes)
    for (const Machine& machine : {kH100, kAda})
      for (const Kind& kind :
           {Kind{MatmulMath::exact, DType::f32}, Kind{MatmulMath::tf32, DType::f32},
            Kind{MatmulMath::exact, DType::bf16}}) {
        s.math = kind.math;
        s.operands = kind.operands;
        const GemmPlan plan = plan_gemm(s, machine);
        const TileFacts& tile = facts(plan.tile);
        CAPTURE(s.m, s.n, s.depth, machine.sms, tile.name, plan.splits);
        const double ideal = double(s.m) * double(s.n) * double(s.taps) * double(s.depth) /
                             (machine.sms * tile.rate);
        CHECK(ideal / estimated_cycles(s, plan, machine) > (tile.rate < 128 ? 0.75 : 0.6));
        CHECK(tile.math == kind.math);
        CHECK(tile.operands == kind.operands);
        // Of a multiprocessor's shared memory each block takes 1 KiB more than it asks for.
        CHECK((tile.shared + 1024) * std::size_t(tile.blocks_per_sm) <=
              machine.shared_per_block + 1024);
      }
}

TEST_CASE("Only sums that leave the device idle are split", "[cuda]") {
  CHECK(plan_gemm({4096, 4096, 1, 1, 4096}, kH100).splits == 1);
  CHECK(plan_gemm({128, 256, 1, 1, 4608}, kH100).splits > 4);  // a dense layer
  CHECK(plan_gemm({128, 256, 1, 1, 16}, kH100).splits == 1);   // nothing to split
  CHECK(plan_gemm({128, 256, 1000, 1, 4608}, kH100).splits == 1);
  CHECK(parts_bytes({128, 256, 3, 1, 4608}, {TileKind::ffma_64x64, 4}) == 128 * 256 * 3 * 4 * 4);
  CHECK(parts_bytes({128, 256, 3, 1, 4608}, {TileKind::ffma_64x64, 1}) == 0);
}

TEST_CASE("A tile of 144 rows takes what leaves a round of 128 half empty", "[cuda]") {
  // 144 blocks of 128 x 128, or 128 of 144 x 128, on 132 multiprocessors: both gradients and the
  // result of the fourth convolution, and the third one's gradient of its input.
  for (GemmShape s : {GemmShape{4608, 512, 1, 9, 512}, GemmShape{4608, 512, 1, 1, 4608},
                      GemmShape{18432, 128, 1, 9, 512}})
    for (const MatmulMath math : {MatmulMath::exact, MatmulMath::tf32}) {
      s.math = math;
      const bool exact = math == MatmulMath::exact;
      const GemmPlan plan = plan_gemm(s, kH100);
      CHECK(plan.tile == (exact ? TileKind::ffma_144x128 : TileKind::tf32_144x128));
      CHECK(plan.splits == 1);
      CHECK(fill_of_last_round(s, plan, kH100) > 0.95);
      const TileKind square = exact ? TileKind::ffma_128x128 : TileKind::tf32_128x128;
      CHECK(fill_of_last_round(s, {square, 1}, kH100) < 0.1);
    }
}

TEST_CASE("A small product's sum is split inside of its blocks, not by a second launch", "[cuda]") {
  // The second dense layer's input gradient and the logits at batch 128.
  for (const GemmShape& s : {GemmShape{128, 256, 1, 1, 512}, GemmShape{128, 7, 1, 1, 512}}) {
    const GemmPlan plan = plan_gemm(s, kH100);
    CHECK(plan.tile == TileKind::ffma_16x16);
    CHECK(plan.splits == 1);
  }
}

TEST_CASE("Small products get small tiles", "[cuda]") {
  CHECK(facts(plan_gemm({16, 16, 1, 1, 16}, kH100).tile).m <= 32);
  CHECK(facts(plan_gemm({73728, 128, 1, 25, 64}, kH100).tile).m == 128);
}

}  // namespace
}  // namespace mien::cuda
