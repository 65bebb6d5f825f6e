#pragma once

#include <cstddef>

// The tiles of the implicit GEMM: what part of the result a block computes, and where in shared
// memory its operands lie. Functions of constants alone, so that a test on the host can count which
// banks the 32 lanes of a warp touch.

namespace mien::cuda {

/// Where the elements of one operand lie: `rows` of the result's rows (or columns) by `depth` of
/// the sum.
enum class Layout : unsigned char {
  by_row,   // [rows][pitch], the sum's index running along
  by_depth  // [depth][pitch], the result's index running along
};

/// One operand's part of a step, and which thread copies what of it. `along_depth`: the sum's index
/// runs along in global memory. `vector` elements of what runs along are copied at once.
template <bool along_depth, Layout layout, int rows, int depth, int pitch, int vector, int threads>
struct OperandTile {
  static constexpr bool kByRow = layout == Layout::by_row;
  static constexpr int kPiece = depth / 4;
  static_assert(!kByRow || pitch == depth);
  static_assert(vector == 1 || along_depth == kByRow, "a vector stays together");
  static constexpr int kRows = rows, kDepth = depth, kVector = vector;
  static constexpr int kElements = (kByRow ? rows : depth) * pitch;
  static constexpr int kVectors = rows * depth / vector;

  // An operand that is turned round on its way: 4 lanes go along a row, and a thread comes back to
  // its row for the rest, which keeps what it must know of rows small; where there are fewer rows
  // than threads for that, further warps go on along them. With a pitch of 8 more or less than a
  // multiple of 32, the 4 x 8 elements of a warp meet 32 banks.
  static constexpr bool kTurned = along_depth && !kByRow;
  static constexpr int kLanes = 4, kRowsAtOnce = threads / kLanes < rows ? threads / kLanes : rows;
  static constexpr int kDepthAtOnce = threads / kRowsAtOnce, kDepthPasses = depth / kDepthAtOnce;
  static_assert(!kTurned || (threads % kRowsAtOnce == 0 && depth % kDepthAtOnce == 0));

  static constexpr int kCopies = kTurned ? (rows + kRowsAtOnce - 1) / kRowsAtOnce * kDepthPasses
                                         : (kVectors + threads - 1) / threads;
  static constexpr bool kEven =  // no thread has fewer
      kTurned ? rows % kRowsAtOnce == 0 : kVectors % threads == 0;

  /// By row, the four pieces of 16 bytes change places from one pair of rows to the next: both
  /// the 8 pieces of two rows that are written at once, and the columns of 8 rows that are read at
  /// once, meet 32 banks.
  static constexpr int index(int row, int k) {
    return kByRow ? row * pitch + (k / kPiece ^ row / 2 % 4) * kPiece + k % kPiece
                  : k * pitch + row;
  }
  /// A thread's copies: whether it has so many, and where the vector of one begins.
  static constexpr bool has(int thread, int copy) {
    return kEven || (kTurned ? row_of(thread, copy) < rows : thread + copy * threads < kVectors);
  }
  static constexpr int row_of(int thread, int copy) {
    if (kTurned) return thread / kLanes % kRowsAtOnce + copy / kDepthPasses * kRowsAtOnce;
    const int v = thread + copy * threads;
    return along_depth ? v / (depth / vector) : v % (rows / vector) * vector;
  }
  static constexpr int depth_of(int thread, int copy) {
    if (kTurned)
      return thread % kLanes + thread / (kLanes * kRowsAtOnce) * kLanes +
             copy % kDepthPasses * kDepthAtOnce;
    const int v = thread + copy * threads;
    return along_depth ? v % (depth / vector) * vector : v / (rows / vector);
  }
};

/// A tile of m x n of the result in exact f32: each thread has blocks of 4 x 4 of it, row_blocks by
/// column_blocks, evenly spread over the tile, so that a warp of lanes_down x lanes_across reads 8
/// and 4 vectors side by side, or 4 and 8.
template <int m, int n, int row_blocks, int column_blocks, int blocks_per_sm, int lanes_down = 8>
struct FfmaTile {
  static constexpr int kM = m, kN = n, kK = 8, kStages = 4, kBlocksPerSm = blocks_per_sm;
  static constexpr int kRowBlocks = row_blocks, kColumnBlocks = column_blocks;
  static constexpr int kThreadRows = m / (4 * row_blocks);
  static constexpr int kThreadColumns = n / (4 * column_blocks);
  static constexpr int kThreads = kThreadRows * kThreadColumns;
  static constexpr int kLanesAcross = 32 / lanes_down;
  static_assert(kThreadRows % lanes_down == 0 && kThreadColumns % kLanesAcross == 0);
  static constexpr int kPitchA = m + 8, kPitchB = n + 8;
  template <bool along_depth, int vector>
  using A = OperandTile<along_depth, Layout::by_depth, m, kK, kPitchA, along_depth ? 1 : vector,
                        kThreads>;
  template <bool along_depth, int vector>
  using B = OperandTile<along_depth, Layout::by_depth, n, kK, kPitchB, along_depth ? 1 : vector,
                        kThreads>;

  static constexpr int kWarpsAcross = kThreadColumns / kLanesAcross;
  /// The first of a thread's 4 rows in each of its blocks, and the first of its 4 columns.
  static constexpr int row(int thread, int block) {
    return block * (m / row_blocks) +
           (thread / 32 / kWarpsAcross * lanes_down + thread % 32 / kLanesAcross) * 4;
  }
  static constexpr int column(int thread, int block) {
    return block * (n / column_blocks) +
           (thread / 32 % kWarpsAcross * kLanesAcross + thread % kLanesAcross) * 4;
  }
  static constexpr int a_index(int thread, int k, int block) {
    return k * kPitchA + row(thread, block);
  }
  static constexpr int b_index(int thread, int k, int block) {
    return k * kPitchB + column(thread, block);
  }
};

/// 12 warps, so that the four parts of a multiprocessor have as many of them each.
using Ffma144 = FfmaTile<144, 128, 3, 1, 1, 4>;
using Ffma128 = FfmaTile<128, 128, 2, 2, 2>;
using Ffma64 = FfmaTile<64, 64, 2, 1, 4>;
using Ffma32 = FfmaTile<32, 32, 1, 1, 8>;

/// A tile of 16 x 16 in exact f32 that each of 16 teams of threads computes for its part of the
/// depth, a thread 4 x 4.
struct FfmaTeamsTile {
  static constexpr int kM = 16, kN = 16, kK = 64, kStages = 3, kBlocksPerSm = 2;
  static constexpr int kTeams = 16, kThreads = 256, kPitch = 24;
  static constexpr int kRowBlocks = 1, kColumnBlocks = 1;
  template <bool along_depth, int vector>
  using A = OperandTile<along_depth, Layout::by_depth, kM, kK, kPitch, along_depth ? 1 : vector,
                        kThreads>;
  template <bool along_depth, int vector>
  using B = A<along_depth, vector>;

  static constexpr int team(int thread) { return thread / 16; }
  static constexpr int row(int thread, int) { return thread % 16 / 4 * 4; }
  static constexpr int column(int thread, int) { return thread % 4 * 4; }
  /// The k-th of the team's part of a step.
  static constexpr int a_index(int thread, int k, int block) {
    return (k * kTeams + team(thread)) * kPitch + row(thread, block);
  }
  static constexpr int b_index(int thread, int k, int block) {
    return (k * kTeams + team(thread)) * kPitch + column(thread, block);
  }
};

/// A tile of m x n for the tensor cores, each warp warp_m x warp_n of it, whose steps are of k
/// elements, 64 bytes. Operands keep the way they lie in memory. By depth, the pitch is 8 elements
/// more than a multiple of 16: lanes that go down the depth meet other banks then.
template <int k, int m, int n, int warp_m, int warp_n, int stages, int blocks_per_sm>
struct TensorTile {
  static constexpr int kM = m, kN = n, kK = k, kStages = stages, kBlocksPerSm = blocks_per_sm;
  static constexpr int kWarpM = warp_m, kWarpN = warp_n, kWarpsAcross = n / warp_n;
  static constexpr int kThreads = 32 * (m / warp_m) * kWarpsAcross;
  static_assert(m % warp_m == 0 && n % warp_n == 0 && warp_m % 16 == 0 && warp_n % 16 == 0);
  template <bool along_depth, int rows, int vector>
  using Operand = OperandTile<along_depth, along_depth ? Layout::by_row : Layout::by_depth, rows, k,
                              along_depth ? k : rows + 8, vector, kThreads>;
  template <bool along_depth, int vector>
  using A = Operand<along_depth, m, vector>;
  template <bool along_depth, int vector>
  using B = Operand<along_depth, n, vector>;

  /// The first row and column of a thread's warp.
  static constexpr int row(int thread) { return thread / 32 / kWarpsAcross * warp_m; }
  static constexpr int column(int thread) { return thread / 32 % kWarpsAcross * warp_n; }
};

/// By depth, the fragments' lanes (g = lane / 4, t = lane % 4) meet 32 banks, 8 t + g or 24 t + g.
template <int m, int n, int warp_m, int warp_n, int stages, int blocks_per_sm>
struct Tf32Tile : TensorTile<16, m, n, warp_m, warp_n, stages, blocks_per_sm> {
  /// Fragments of 16 rows by 8 of the depth from (row, k) on: where element `i` of the lane is.
  template <class Operand>
  static constexpr int a_index(int lane, int row, int k, int i) {
    return Operand::index(row + lane / 4 + i % 2 * 8, k + lane % 4 + i / 2 * 4);
  }
  /// Of 8 of the depth by 8 columns.
  template <class Operand>
  static constexpr int b_index(int lane, int column, int k, int i) {
    return Operand::index(column + lane / 4, k + lane % 4 + i * 4);
  }
};

/// Of bf16, read by ldmatrix: each lane says where 8 elements are, of one of four matrices of 8 by
/// 8. What lies by depth is transposed on its way into the fragments.
template <int m, int n, int warp_m, int warp_n, int stages, int blocks_per_sm>
struct Bf16Tile : TensorTile<32, m, n, warp_m, warp_n, stages, blocks_per_sm> {
  /// A fragment of 16 rows by 16 of the depth from (row, k) on: the matrices are the upper and the
  /// lower 8 rows of the first 8 of the depth, then those of the next.
  template <class Operand>
  static constexpr int a_index(int lane, int row, int k) {
    const int matrix = lane / 8, line = lane % 8;
    const int down = row + matrix % 2 * 8, along = k + matrix / 2 * 8;
    return Operand::kByRow ? Operand::index(down + line, along)
                           : Operand::index(down, along + line);
  }
  /// Two fragments of 16 of the depth by 8 columns, side by side: the matrices are the two halves
  /// of the first one's depth, then those of the second's.
  template <class Operand>
  static constexpr int b_index(int lane, int column, int k) {
    const int matrix = lane / 8, line = lane % 8;
    const int across = column + matrix / 2 * 8, along = k + matrix % 2 * 8;
    return Operand::kByRow ? Operand::index(across + line, along)
                           : Operand::index(across, along + line);
  }
};

/// The sizes that there are, for each type of elements.
template <template <int, int, int, int, int, int> class Tile>
struct TensorTiles {
  using Wide = Tile<144, 128, 48, 64, 4, 2>;
  using Square = Tile<128, 128, 64, 64, 4, 2>;
  using Narrow = Tile<128, 64, 64, 32, 4, 3>;
  using Small = Tile<64, 64, 32, 32, 4, 2>;
  using Short = Tile<128, 128, 64, 64, 2, 2>;  // for devices with little shared memory
};
using Tf32Tiles = TensorTiles<Tf32Tile>;
using Bf16Tiles = TensorTiles<Bf16Tile>;

}  // namespace mien::cuda
