#include <algorithm>
#include <array>
#include <set>

#include "kernels/cuda/implicit_gemm_tiles.h"
#include "tests/support/catch.h"

namespace mien::cuda {
namespace {

// Passes over shared memory that a warp's access takes, of `words` 4-byte words for each lane: 32,
// 16 or 8 lanes at once, each pass reads every bank once; equal addresses are one.
template <class Index>
int passes(int words, const Index& index) {
  int all = 0;
  for (int first = 0; first < 32; first += 32 / words) {
    std::array<std::set<int>, 32> banks;
    for (int lane = first; lane < first + 32 / words; ++lane)
      for (int word = 0; word < words; ++word)
        banks[std::size_t(index(lane) + word) % 32].insert(index(lane) + word);
    std::size_t most = 0;
    for (const auto& bank : banks) most = std::max(most, bank.size());
    all += int(most);
  }
  return all;
}

// Copies of one operand by all warps of a block, of elements of so many bytes.
template <class Operand, int threads, int element = 4>
void check_copies() {
  constexpr int words = Operand::kVector * element / 4;
  for (int warp = 0; warp < threads / 32; ++warp)
    for (int copy = 0; copy < Operand::kCopies; ++copy) {
      const auto index = [&](int lane) {
        const int thread = 32 * warp + lane;
        return Operand::index(Operand::row_of(thread, copy), Operand::depth_of(thread, copy)) *
               element / 4;
      };
      if (!Operand::has(32 * warp + 31, copy)) continue;
      CAPTURE(warp, copy, Operand::kRows, Operand::kVector);
      // Where lanes go on in the next line within a pass, which 144 does, one bank is met again; of
      // lines of 16 each pass has two, whose pitch suits operands that are turned.
      constexpr int vectors = Operand::kRows / Operand::kVector;
      const int ends = (31 + vectors) / vectors;
      const int more = Operand::kRows % 32 == 0 ? 0 : Operand::kRows == 16 ? words : ends;
      CHECK(passes(words, index) <= words + more);
    }
}

template <class Tile, int steps = Tile::kK>
void check_ffma() {
  CAPTURE(Tile::kM, Tile::kN);
  for (int warp = 0; warp < Tile::kThreads / 32; ++warp)
    for (int k = 0; k < steps; ++k) {
      for (int block = 0; block < Tile::kRowBlocks; ++block)
        CHECK(passes(4, [&](int lane) { return Tile::a_index(32 * warp + lane, k, block); }) == 4);
      for (int block = 0; block < Tile::kColumnBlocks; ++block)
        CHECK(passes(4, [&](int lane) { return Tile::b_index(32 * warp + lane, k, block); }) == 4);
    }
  check_copies<typename Tile::template A<true, 4>, Tile::kThreads>();
  check_copies<typename Tile::template A<false, 4>, Tile::kThreads>();
  check_copies<typename Tile::template A<false, 1>, Tile::kThreads>();
  check_copies<typename Tile::template B<true, 4>, Tile::kThreads>();
  check_copies<typename Tile::template B<false, 4>, Tile::kThreads>();
  check_copies<typename Tile::template B<false, 1>, Tile::kThreads>();
}

// The two ways that an operand may lie.
template <class Tile, bool along_depth>
void check_fragments() {
  using A = typename Tile::template A<along_depth, 4>;
  using B = typename Tile::template B<along_depth, 4>;
  CAPTURE(Tile::kM, Tile::kN, along_depth);
  for (int warp = 0; warp < Tile::kThreads / 32; ++warp) {
    const int row = Tile::row(32 * warp), column = Tile::column(32 * warp);
    for (int k = 0; k < Tile::kK; k += 8) {
      for (int i = 0; i < 4; ++i)
        CHECK(passes(1, [&](int lane) { return Tile::template a_index<A>(lane, row, k, i); }) == 1);
      for (int i = 0; i < 2; ++i)
        CHECK(passes(1, [&](int lane) { return Tile::template b_index<B>(lane, column, k, i); }) ==
              1);
    }
  }
  check_copies<A, Tile::kThreads>();
  check_copies<B, Tile::kThreads>();
}

// ldmatrix takes the 8 rows of a matrix at once.
template <class Tile, bool along_depth>
void check_matrices() {
  using A = typename Tile::template A<along_depth, 8>;
  using B = typename Tile::template B<along_depth, 8>;
  CAPTURE(Tile::kM, Tile::kN, along_depth);
  for (int warp = 0; warp < Tile::kThreads / 32; ++warp)
    for (int k = 0; k < Tile::kK; k += 16) {
      for (int row = 0; row < Tile::kWarpM; row += 16)
        CHECK(passes(4, [&](int lane) {
                return Tile::template a_index<A>(lane, Tile::row(32 * warp) + row, k) / 2;
              }) == 4);
      for (int column = 0; column < Tile::kWarpN; column += 16)
        CHECK(passes(4, [&](int lane) {
                return Tile::template b_index<B>(lane, Tile::column(32 * warp) + column, k) / 2;
              }) == 4);
    }
  check_copies<A, Tile::kThreads, 2>();
  check_copies<B, Tile::kThreads, 2>();
}
template <class Tile>
void check_bf16() {
  check_matrices<Tile, true>();
  check_matrices<Tile, false>();
}

TEST_CASE("No warp meets a bank of shared memory twice in the tiles of bf16", "[cuda]") {
  check_bf16<Bf16Tiles::Wide>();
  check_bf16<Bf16Tiles::Square>();
  check_bf16<Bf16Tiles::Narrow>();
  check_bf16<Bf16Tiles::Small>();
}

TEST_CASE("No warp meets a bank of shared memory twice in the tiles of TF32", "[cuda]") {
  check_fragments<Tf32Tiles::Wide, true>();
  check_fragments<Tf32Tiles::Wide, false>();
  check_fragments<Tf32Tiles::Square, true>();
  check_fragments<Tf32Tiles::Square, false>();
  check_fragments<Tf32Tiles::Narrow, true>();
  check_fragments<Tf32Tiles::Narrow, false>();
  check_fragments<Tf32Tiles::Small, true>();
  check_fragments<Tf32Tiles::Small, false>();
}

TEST_CASE("No warp meets a bank of shared memory twice in the exact tiles", "[cuda]") {
  check_ffma<Ffma144>();
  check_ffma<Ffma128>();
  check_ffma<Ffma64>();
  check_ffma<Ffma32>();
  check_ffma<FfmaTeamsTile, FfmaTeamsTile::kK / FfmaTeamsTile::kTeams>();
}

}  // namespace
}  // namespace mien::cuda
