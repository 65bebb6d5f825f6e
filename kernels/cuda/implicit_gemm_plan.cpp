#include "kernels/cuda/implicit_gemm_plan.h"

#include <algorithm>
#include <array>

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "kernels/cuda/rt.h"
#include "mien/base/error.h"

namespace mien::cuda {
namespace {

constexpr std::int64_t kMostSplits = 128;
constexpr std::int64_t kLeastSteps = 8;  // of one part: fewer do not fill the pipeline
constexpr std::size_t kMostParts = std::size_t(256) << 20;  // bytes
// What fills the device best: large tiles, where there are enough of them; a tile of another size
// where they leave the last round of blocks half empty; a split sum, where neither helps. A split
// pays for its second launch and for writing and reading its parts, so that a tile which fills the
// device without one wins where it is not much slower; so does one that splits the sum inside of
// its blocks. Estimates: filling the pipeline and storing; a second kernel; memory of one
// multiprocessor.
constexpr double kCyclesOfBlock = 1500, kCyclesOfLaunch = 5000, kBytesPerCycle = 12;

template <class Tile>
constexpr TileFacts facts_of(const char* name, MatmulMath math, double rate,
                             DType operands = DType::f32) {
  return {name,
          Tile::kM,
          Tile::kN,
          Tile::kK,
          Tile::kBlocksPerSm,
          size_of(operands) * Tile::kStages *
              (Tile::template A<false, 4>::kElements + Tile::template B<false, 4>::kElements),
          rate,
          math,
          operands};
}
template <class Tile>
constexpr TileFacts tf32_facts(const char* name, double part) {
  return facts_of<Tile>(name, MatmulMath::tf32, 640 * part);
}
template <class Tile>
constexpr TileFacts bf16_facts(const char* name, double part) {
  return facts_of<Tile>(name, MatmulMath::exact, 1280 * part, DType::bf16);
}
// Of the 128 multiply-adds that a multiprocessor makes in a cycle, and of the 640 that mma.sync
// makes in TF32 on Hopper and the 1280 in bf16; elsewhere they are fewer by one factor for all
// tiles.
constexpr std::array<TileFacts, kTileKinds> kFacts{
    facts_of<Ffma144>("ffma 144x128", MatmulMath::exact, 128 * 0.75),
    facts_of<Ffma128>("ffma 128x128", MatmulMath::exact, 128 * 0.85),
    facts_of<Ffma64>("ffma 64x64", MatmulMath::exact, 128 * 0.6),
    facts_of<Ffma32>("ffma 32x32", MatmulMath::exact, 128 * 0.35),
    facts_of<FfmaTeamsTile>("ffma 16x16", MatmulMath::exact, 128 * 0.3),
    tf32_facts<Tf32Tiles::Wide>("tf32 144x128", 0.8),
    tf32_facts<Tf32Tiles::Square>("tf32 128x128", 0.75),
    tf32_facts<Tf32Tiles::Narrow>("tf32 128x64", 0.7),
    tf32_facts<Tf32Tiles::Small>("tf32 64x64", 0.5),
    tf32_facts<Tf32Tiles::Short>("tf32 128x128, 2 stages", 0.7),
    bf16_facts<Bf16Tiles::Wide>("bf16 144x128", 0.8),
    bf16_facts<Bf16Tiles::Square>("bf16 128x128", 0.75),
    bf16_facts<Bf16Tiles::Narrow>("bf16 128x64", 0.7),
    bf16_facts<Bf16Tiles::Small>("bf16 64x64", 0.5),
    bf16_facts<Bf16Tiles::Short>("bf16 128x128, 2 stages", 0.7),
};

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t steps(const GemmShape& s, const TileFacts& tile) {
  return s.taps * divide_up(s.depth, tile.k);
}
std::int64_t blocks(const GemmShape& s, const GemmPlan& plan) {
  const TileFacts& tile = facts(plan.tile);
  return divide_up(s.m, tile.m) * divide_up(s.n, tile.n) * s.z * plan.splits;
}
/// Whether a multiprocessor has the shared memory for as many blocks as the tile counts on. It has
/// 1 KiB more than a block may have, and each block takes 1 KiB for the system.
bool fits(const TileFacts& tile, const Machine& machine) {
  constexpr std::size_t kSystem = 1024;
  return (tile.shared + kSystem) * std::size_t(tile.blocks_per_sm) <=
         machine.shared_per_block + kSystem;
}

}  // namespace

const TileFacts& facts(TileKind kind) { return kFacts[std::size_t(kind)]; }

double estimated_cycles(const GemmShape& s, const GemmPlan& plan, const Machine& machine) {
  const TileFacts& tile = facts(plan.tile);
  const double rounds = double(divide_up(blocks(s, plan), machine.sms));
  const double products = double(divide_up(steps(s, tile), plan.splits)) * tile.m * tile.n * tile.k;
  double cycles = rounds * products / tile.rate +
                  divide_up(std::int64_t(rounds), tile.blocks_per_sm) * kCyclesOfBlock;
  if (plan.splits > 1) {
    // Written and read once, and the result.
    const double bytes = 4.0 * double(s.m * s.n * s.z) * (2.0 * plan.splits + 1);
    cycles += kCyclesOfLaunch + bytes / (kBytesPerCycle * machine.sms);
  }
  return cycles;
}

double fill_of_last_round(const GemmShape& s, const GemmPlan& plan, const Machine& machine) {
  const std::int64_t all = blocks(s, plan);
  const std::int64_t left = all - (divide_up(all, machine.sms) - 1) * machine.sms;
  return double(left) / machine.sms;
}

std::size_t parts_bytes(const GemmShape& s, const GemmPlan& plan) {
  return plan.splits == 1 ? 0 : std::size_t(s.m * s.n * s.z) * std::size_t(plan.splits) * 4;
}

GemmPlan plan_gemm(const GemmShape& s, const Machine& machine) {
  constexpr std::int64_t kMost = (std::int64_t(1) << 31) - 1024;
  MIEN_CHECK(std::max({s.m, s.n, s.z, s.depth, s.taps}) < kMost, ShapeError,
             "matrix product: at most 2^31 rows, columns and batches; got ", s.m, " x ", s.n,
             " of sums of ", s.depth, ", ", s.z, " times");
  GemmPlan best{s.operands == DType::bf16    ? TileKind::bf16_64x64
                : s.math == MatmulMath::tf32 ? TileKind::tf32_64x64
                                             : TileKind::ffma_32x32,
                1};
  double least = -1;
  for (int kind = 0; kind < kTileKinds; ++kind) {
    GemmPlan plan{TileKind(kind), 1};
    const TileFacts& tile = facts(plan.tile);
    if (tile.math != s.math || tile.operands != s.operands || !fits(tile, machine)) continue;
    const std::int64_t all = steps(s, tile);
    const std::int64_t most = std::clamp<std::int64_t>(all / kLeastSteps, 1, kMostSplits);
    for (std::int64_t splits = 1; splits <= most; ++splits) {
      if (splits > 1 && divide_up(all, divide_up(all, splits)) != splits) continue;  // empty parts
      plan.splits = int(splits);
      if (parts_bytes(s, plan) > kMostParts) break;
      const double cycles = estimated_cycles(s, plan, machine);
      if (least >= 0 && cycles >= least) continue;
      least = cycles;
      best = plan;
    }
  }
  return best;
}

GemmPlan plan_gemm(const GemmShape& shape) {
  return plan_gemm(shape, {properties().sms, properties().shared_per_block});
}

}  // namespace mien::cuda
