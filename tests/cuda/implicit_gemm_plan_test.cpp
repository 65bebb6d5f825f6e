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
  for (const GemmShape& s : shapes)
    for (const Machine& machine : {kH100, kAda}) {
      const GemmPlan plan = plan_gemm(s, machine);
      const TileFacts& tile = facts(plan.tile);
      CAPTURE(s.m, s.n, s.depth, machine.sms, tile.name, plan.splits);
      const double ideal =
          double(s.m) * double(s.n) * double(s.taps) * double(s.depth) / (machine.sms * tile.rate);
      CHECK(ideal / estimated_cycles(s, plan, machine) > 0.75);
      CHECK(tile.shared <= machine.shared_per_block);
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

TEST_CASE("Small products get small tiles", "[cuda]") {
  CHECK(facts(plan_gemm({16, 16, 1, 1, 16}, kH100).tile).m == 32);
  CHECK(facts(plan_gemm({73728, 128, 1, 25, 64}, kH100).tile).m == 128);
}

}  // namespace
}  // namespace mien::cuda
