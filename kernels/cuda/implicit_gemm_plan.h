#pragma once

#include <cstddef>
#include <cstdint>

#include "mien/base/dtype.h"
#include "mien/base/matmul_math.h"

// How an implicit GEMM is cut into blocks: by shape and device alone, so that the same model of a
// GPU gives the same bits.

namespace mien::cuda {

/// The tiles that there are, by kernels and sizes.
enum class TileKind : std::uint8_t {
  ffma_144x128,
  ffma_128x128,
  ffma_64x64,
  ffma_32x32,
  ffma_16x16,  // whose block splits the sum among its threads
  tf32_144x128,
  tf32_128x128,
  tf32_128x64,
  tf32_64x64,
  tf32_128x128_short,  // of two stages
  bf16_144x128,
  bf16_128x128,
  bf16_128x64,
  bf16_64x64,
  bf16_128x128_short
};
inline constexpr int kTileKinds = 15;

/// What the plan knows of a tile.
struct TileFacts {
  const char* name;
  int m, n, k, blocks_per_sm;
  std::size_t shared;  // bytes of a block, with any gathers
  double rate;         // products a multiprocessor makes in a cycle: an estimate, to compare tiles
  MatmulMath math;
  DType operands;
};
const TileFacts& facts(TileKind kind);

/// What is to be computed: z results of m x n, each a sum of taps * depth products.
struct GemmShape {
  std::int64_t m, n, z, taps, depth;
  MatmulMath math = MatmulMath::exact;
  DType operands = DType::f32;  // products of bf16 are exact on the tensor cores
};
struct Machine {
  int sms;
  std::size_t shared_per_block;  // bytes
};
struct GemmPlan {
  TileKind tile;
  int splits;  // parts of the sum, in the scratch; then a second kernel adds them up
};
/// The fastest by estimate. Throws ShapeError where a side is beyond 32 bits.
GemmPlan plan_gemm(const GemmShape& shape, const Machine& machine);
/// For the device of this thread.
GemmPlan plan_gemm(const GemmShape& shape);
/// Bytes for the parts; 0 where the sum is not split.
std::size_t parts_bytes(const GemmShape& shape, const GemmPlan& plan);
/// Estimated cycles, and the part of the last round of blocks that has work: for plan_gemm and its
/// tests.
double estimated_cycles(const GemmShape& shape, const GemmPlan& plan, const Machine& machine);
double fill_of_last_round(const GemmShape& shape, const GemmPlan& plan, const Machine& machine);

}  // namespace mien::cuda
