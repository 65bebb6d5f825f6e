#pragma once

#include <vector>

#include "kernels/cuda/fold_plan.h"
#include "kernels/cuda/reduce_block.cuh"
#include "kernels/cuda/walk.cuh"
#include "kernels/cuda/workspace.h"

// Reductions: for each output, many terms folded into one. Op is a plain struct with
//   Acc            what terms are folded into, a plain struct of 4-byte words
//   start()        the Acc of no terms
//   fold(acc, x, term), where x is f32, also of arrays of bf16
//   operator()(a, b)  joins two Accs
//   finish(acc, at)   writes output `at`
// Partial results are joined in an order that depends on the sizes and on the device alone.

namespace mien::cuda {

/// Where an output's first term is in x, and the output's number.
using Kept = Box<2>;
/// Where an output's terms are from there, and each term's number.
using Reduced = Box<2>;

template <class Op, class T>
struct FoldArgs {
  Op op;
  const T* x;
  Walk<2> kept, reduced;
  std::uint32_t outputs = 0, terms = 0;
  std::int64_t first_output = 0, first_term = 0;             // of this piece
  std::uint32_t output_bits = 0, lane_bits = 0, length = 0;  // FoldPlan; the logarithms
  typename Op::Acc* partial = nullptr;  // [outputs, chunks]; null where this launch sees all terms
  std::uint32_t first_chunk = 0, chunks = 0;

  __device__ __forceinline__ std::uint32_t lanes() const { return 1u << lane_bits; }
  __device__ __forceinline__ void put(std::uint32_t output, typename Op::Acc acc) const {
    if (partial) {
      partial[std::int64_t(output) * chunks + first_chunk + blockIdx.y] = acc;
    } else {
      op.finish(acc, first_output + kept.places(output).at[1]);
    }
  }
};

template <class T, int threads>
struct FoldShared {
  T acc[threads];
};

/// Joins what `lanes` neighbouring threads have: less than a warp or the block. All threads call
/// it.
template <class Op>
__device__ __forceinline__ typename Op::Acc join_lanes(typename Op::Acc acc, const Op& op,
                                                       unsigned lanes) {
  using Acc = typename Op::Acc;
  if (lanes > kWarp) {
    auto& scratch = shared<FoldShared<Acc, kFoldThreads / kWarp>>();
    return block_reduce<kFoldThreads>(acc, op, scratch.acc);
  }
  for (unsigned other = 1; other < lanes; other *= 2) {
    const Acc theirs = shuffle_xor(acc, int(other));
    acc = threadIdx.x & other ? op(theirs, acc) : op(acc, theirs);
  }
  return acc;
}

// Terms that are neighbours: threads lie along them and take `width` of them at a time.
template <int width, class Op, class T>
__global__ void __launch_bounds__(kFoldThreads) fold_rows_kernel(FoldArgs<Op, T> a) {
  using Acc = typename Op::Acc;
  const std::uint32_t lane = threadIdx.x & (a.lanes() - 1);
  const std::uint32_t output = (blockIdx.x << a.output_bits) + (threadIdx.x >> a.lane_bits);
  Acc acc[width];
  for (Acc& each : acc) each = a.op.start();
  if (output < a.outputs) {
    const T* x = a.x + a.kept.places(output).at[0];
    const std::uint32_t begin = blockIdx.y * a.length, rest = a.terms / width - begin;
    const std::uint32_t end = begin + (a.length < rest ? a.length : rest);
    for (std::uint32_t i = begin + lane; i < end; i += a.lanes()) {
      const auto at = a.reduced.places(i * width);
      const Pack<float, width> v = load_f32<width>(x + at.at[0]);
      for (int k = 0; k < width; ++k)
        acc[k] = a.op.fold(acc[k], v.at[k], a.first_term + at.at[1] + k);
    }
    // Of one axis, the last terms may be less than a pack.
    if (width > 1 && blockIdx.y == 0)
      for (std::uint32_t i = a.terms / width * width + lane; i < a.terms; i += a.lanes()) {
        const auto at = a.reduced.places(i);
        acc[0] = a.op.fold(acc[0], as_float(x[at.at[0]]), a.first_term + at.at[1]);
      }
  }
  for (int k = 1; k < width; ++k) acc[0] = a.op(acc[0], acc[k]);
  const Acc all = join_lanes(acc[0], a.op, a.lanes());
  if (output < a.outputs && lane == 0) a.put(output, all);
}

// Outputs that are neighbours, `width` for a thread: threads lie along them, and then along the
// terms.
template <int width, class Op, class T>
__global__ void __launch_bounds__(kFoldThreads) fold_columns_kernel(FoldArgs<Op, T> a) {
  using Acc = typename Op::Acc;
  auto& tile = shared<FoldShared<Acc, kFoldThreads * width>>();
  const std::uint32_t column = threadIdx.x & ((1u << a.output_bits) - 1);
  const std::uint32_t lane = threadIdx.x >> a.output_bits;
  const std::uint32_t output = ((blockIdx.x << a.output_bits) + column) * width;
  Acc acc[width];
  for (Acc& each : acc) each = a.op.start();
  if (output < a.outputs) {
    const T* x = a.x + a.kept.places(output).at[0];
    const std::uint32_t begin = blockIdx.y * a.length, rest = a.terms - begin;
    const std::uint32_t end = begin + (a.length < rest ? a.length : rest);
    for (std::uint32_t i = begin + lane; i < end; i += a.lanes()) {
      const auto at = a.reduced.places(i);
      const Pack<float, width> v = load_f32<width>(x + at.at[0]);
      for (int k = 0; k < width; ++k) acc[k] = a.op.fold(acc[k], v.at[k], a.first_term + at.at[1]);
    }
  }
  for (int k = 0; k < width; ++k) tile.acc[k * blockDim.x + threadIdx.x] = acc[k];
  for (std::uint32_t half = a.lanes() / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane >= half) continue;
    for (int k = 0; k < width; ++k) {
      Acc& mine = tile.acc[k * blockDim.x + threadIdx.x];
      mine = a.op(mine, tile.acc[k * blockDim.x + threadIdx.x + (half << a.output_bits)]);
    }
  }
  if (output >= a.outputs || lane != 0) return;
  for (int k = 0; k < width; ++k)
    a.put(output + unsigned(k), tile.acc[k * blockDim.x + threadIdx.x]);
}

// The chunks of each output into one.
template <class Op, class T>
__global__ void __launch_bounds__(kFoldThreads) join_chunks_kernel(FoldArgs<Op, T> a) {
  using Acc = typename Op::Acc;
  const std::uint32_t lane = threadIdx.x & (a.lanes() - 1);
  const std::uint32_t output = (blockIdx.x << a.output_bits) + (threadIdx.x >> a.lane_bits);
  Acc acc = a.op.start();
  if (output < a.outputs)
    for (std::uint32_t chunk = lane; chunk < a.chunks; chunk += a.lanes())
      acc = a.op(acc, a.partial[std::int64_t(output) * a.chunks + chunk]);
  acc = join_lanes(acc, a.op, a.lanes());
  if (output < a.outputs && lane == 0)
    a.op.finish(acc, a.first_output + a.kept.places(output).at[1]);
}

/// Whether all strides are multiples of 4 elements, so that whoever starts there finds packs.
inline bool starts_packs(const Box<2>& box) {
  for (int axis = 0; axis < box.rank; ++axis)
    if (box.dims[axis] > 1 && box.strides[0][axis] % 4 != 0) return false;
  return true;
}

/// Folds one piece of the outputs over one piece of the terms, in `plan.chunks` chunks.
template <class Op, class T>
void fold_piece(const char* name, StreamHandle stream, FoldArgs<Op, T>& a, const FoldPlan& plan,
                bool columns, bool packed) {
  using Acc = typename Op::Acc;
  a.output_bits = unsigned(std::countr_zero(plan.outputs));
  a.lane_bits = unsigned(std::countr_zero(plan.lanes));
  a.length = std::uint32_t(plan.length);
  const int accs = columns ? kFoldThreads * (packed ? 4 : 1) : kFoldThreads / kWarp;
  const auto kernel = columns
                          ? (packed ? fold_columns_kernel<4, Op, T> : fold_columns_kernel<1, Op, T>)
                          : (packed ? fold_rows_kernel<4, Op, T> : fold_rows_kernel<1, Op, T>);
  launch({.name = name,
          .stream = stream,
          .grid = dim3(plan.blocks, plan.chunks),
          .block = dim3(plan.threads()),
          .shared = std::size_t(accs) * sizeof(Acc)},
         kernel, a);
}

template <class Op, class T>
void join_chunks(const char* name, StreamHandle stream, FoldArgs<Op, T>& a) {
  const unsigned lanes = std::bit_ceil(std::min<unsigned>(a.chunks, kWarp));
  const unsigned outputs = kFoldThreads / lanes;  // of a block
  a.output_bits = unsigned(std::countr_zero(outputs));
  a.lane_bits = unsigned(std::countr_zero(lanes));
  launch({.name = name,
          .stream = stream,
          .grid = dim3((a.outputs + outputs - 1) / outputs),
          .block = dim3(kFoldThreads),
          .shared = sizeof(FoldShared<typename Op::Acc, kFoldThreads / kWarp>)},
         join_chunks_kernel<Op, T>, a);
}

/// op over the terms of each output. An output without terms gets start().
template <class T, class Op>
void fold(const char* name, StreamHandle stream, const Kept& all_kept, const Reduced& all_reduced,
          const T* x, const Op& op) {
  struct Terms {
    Reduced box;
    Places<2> from;
    FoldPlan plan;
  };
  const int sms = properties().sms;
  if (all_kept.numel() == 0) return;
  for_each_piece(all_kept, [&](const Kept& kept, const Places<2>& from) {
    std::vector<Terms> pieces;
    for_each_piece(all_reduced, [&](const Reduced& reduced, const Places<2>& first) {
      pieces.push_back({reduced, first, {}});
    });
    const std::int64_t outputs = kept.numel();
    const bool columns = outputs > 1 && kept.step(0) == 1;  // else it is terms that are neighbours
    bool packed = aligned<4>(x + from.at[0]);
    for (const Terms& each : pieces) {
      packed = packed && each.from.at[0] % 4 == 0;
      packed = packed && (columns ? outputs % 4 == 0 && packable(kept, 4) && starts_packs(each.box)
                                  : packable(each.box, 4) && starts_packs(kept));
    }
    std::uint32_t chunks = 0;
    for (Terms& each : pieces) {
      const std::int64_t terms = each.box.numel();
      each.plan = columns ? plan_columns(packed ? outputs / 4 : outputs, terms, sms)
                          : plan_rows(outputs, packed ? terms / 4 : terms, sms);
      chunks += each.plan.chunks;
    }
    FoldArgs<Op, T> a{.op = op,
                      .x = x,
                      .kept = Walk<2>(kept),
                      .reduced = Walk<2>(pieces[0].box),
                      .outputs = std::uint32_t(outputs)};
    a.first_output = from.at[1];
    a.chunks = chunks;
    if (chunks > 1)
      a.partial = static_cast<typename Op::Acc*>(
          workspace(std::size_t(outputs) * chunks * sizeof(typename Op::Acc)));
    for (const Terms& each : pieces) {
      a.x = x + from.at[0] + each.from.at[0];
      a.reduced = Walk<2>(each.box);
      a.terms = std::uint32_t(each.box.numel());
      a.first_term = each.from.at[1];
      fold_piece(name, stream, a, each.plan, columns, packed);
      a.first_chunk += each.plan.chunks;
    }
    if (chunks > 1) join_chunks(name, stream, a);
  });
}

}  // namespace mien::cuda
