#include "kernels/cuda/emulator/warp.h"

#include <cstring>

namespace mien::emu {
namespace {

float as_float(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
std::uint32_t as_bits(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

// The tensor core ignores the lower 13 bits.
float tf32(std::uint32_t bits) { return as_float(bits & ~0x1fffu); }
float low_bf16(std::uint32_t pair) { return as_float(pair << 16); }
float high_bf16(std::uint32_t pair) { return as_float(pair & 0xffff0000u); }

struct Tile {
  float a[16][16], b[16][8], c[16][8];
};

// Fragments as the PTX ISA lays them out, g = lane / 4, t = lane % 4: lane holds of c rows g and
// g + 8, columns 2 t and 2 t + 1.
void multiply(Warp& warp, Tile& tile, int depth) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const std::uint32_t* c = warp.lanes[lane].in + 6;
    for (unsigned i = 0; i < 4; ++i) tile.c[g + i / 2 * 8][2 * t + i % 2] = as_float(c[i]);
  }
  for (int i = 0; i < 16; ++i)
    for (int k = 0; k < depth; ++k)
      for (int j = 0; j < 8; ++j) tile.c[i][j] += tile.a[i][k] * tile.b[k][j];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    for (unsigned i = 0; i < 4; ++i)
      warp.lanes[lane].out[i] = as_bits(tile.c[g + i / 2 * 8][2 * t + i % 2]);
  }
}

// m16n8k8: of a rows g, g + 8 in columns t, then in t + 4; of b rows t, t + 4 of column g.
void mma_tf32(Warp& warp) {
  Tile tile;
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const std::uint32_t* in = warp.lanes[lane].in;
    for (unsigned i = 0; i < 4; ++i) tile.a[g + i % 2 * 8][t + i / 2 * 4] = tf32(in[i]);
    for (unsigned i = 0; i < 2; ++i) tile.b[t + i * 4][g] = tf32(in[4 + i]);
  }
  multiply(warp, tile, 8);
}

// m16n8k16: pairs along k, the first of a pair in the lower half.
void mma_bf16(Warp& warp) {
  Tile tile;
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    const std::uint32_t* in = warp.lanes[lane].in;
    for (unsigned i = 0; i < 4; ++i) {
      float* at = &tile.a[g + i % 2 * 8][2 * t + i / 2 * 8];
      at[0] = low_bf16(in[i]);
      at[1] = high_bf16(in[i]);
    }
    for (unsigned i = 0; i < 2; ++i) {
      tile.b[2 * t + i * 8][g] = low_bf16(in[4 + i]);
      tile.b[2 * t + i * 8 + 1][g] = high_bf16(in[4 + i]);
    }
  }
  multiply(warp, tile, 16);
}

// Four matrices of 8 rows of 8 elements of 16 bits; lane 8 i + r gave row r of matrix i. source: 1
// where they are transposed.
void ldmatrix(Warp& warp) {
  std::uint16_t rows[32][8];
  for (unsigned lane = 0; lane < 32; ++lane) std::memcpy(rows[lane], warp.lanes[lane].in, 16);
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < 4; ++i) {
      std::uint32_t pair = 0;
      for (unsigned half = 0; half < 2; ++half) {
        const unsigned along = 2 * (lane % 4) + half, across = lane / 4;
        const std::uint16_t element =
            warp.lanes[lane].source ? rows[8 * i + along][across] : rows[8 * i + across][along];
        pair |= std::uint32_t(element) << (16 * half);
      }
      warp.lanes[lane].out[i] = pair;
    }
}

}  // namespace

Meeting* join(Warp& warp, unsigned mask, WarpOp op, unsigned me, int parity) {
  Meeting* mine = nullptr;
  for (int i = 0; i < warp.under_way; ++i) {
    Meeting& each = warp.meetings[i];
    if (each.mask == mask && each.op == op)
      mine = &each;
    else if ((each.mask & me) && (each.arrived & mask))
      return nullptr;
  }
  if (!mine) {
    mine = &warp.meetings[warp.under_way++];
    *mine = {mask, 0, op, &warp.orders[parity][warp.begun++ % 8]};
  }
  mine->arrived |= me;
  return mine;
}

const char* compute(Warp& warp, const Meeting& meeting) {
  const bool whole = meeting.mask == ~0u;
  switch (meeting.op) {
    case WarpOp::sync:
      return nullptr;
    case WarpOp::shuffle:
      for (unsigned lane = 0; lane < 32; ++lane) {
        if (!(meeting.mask >> lane & 1)) continue;
        const unsigned source = warp.lanes[lane].source;
        if (!(meeting.mask >> source & 1))
          return "a lane shuffles from one that the mask leaves out";
        warp.lanes[lane].out[0] = warp.lanes[source].in[0];
      }
      return nullptr;
    case WarpOp::ballot: {
      std::uint32_t votes = 0;
      for (unsigned lane = 0; lane < 32; ++lane)
        if (meeting.mask >> lane & 1) votes |= warp.lanes[lane].in[0] << lane;
      for (unsigned lane = 0; lane < 32; ++lane)
        if (meeting.mask >> lane & 1) warp.lanes[lane].out[0] = votes;
      return nullptr;
    }
    case WarpOp::mma_tf32:
    case WarpOp::mma_bf16:
    case WarpOp::ldmatrix:
      if (!whole) return "a matrix operation without all 32 lanes";
      if (meeting.op == WarpOp::mma_tf32) mma_tf32(warp);
      if (meeting.op == WarpOp::mma_bf16) mma_bf16(warp);
      if (meeting.op == WarpOp::ldmatrix) ldmatrix(warp);
      return nullptr;
  }
  return nullptr;
}

}  // namespace mien::emu
