#pragma once

#include <cstdint>
#include <type_traits>

namespace mien {

/// How many threads a parallel run may use; at first all cores. Values below 1 mean all cores.
void set_num_threads(int threads);
int num_threads();

/// Most workers that one run can have: scratch "per worker" needs this many parts.
inline int max_workers() { return num_threads(); }

/// Calls fn(context, piece, worker) for every piece in 0 .. pieces-1, on several threads; returns
/// when all are done. The only way to more threads. What a piece computes must depend on its number
/// alone, so that any number of threads gives the same bits; worker (below max_workers()) serves to
/// pick scratch. When another run is on its way (another thread of the program, or an enclosing
/// piece) the caller does all pieces itself. What a piece throws comes out when all have ended.
void parallel_run(std::int64_t pieces, void (*fn)(void*, std::int64_t, int), void* context);

/// parallel_run over a callable taking (piece) or (piece, worker).
template <class F>
void parallel_for(std::int64_t pieces, F&& body) {
  parallel_run(
      pieces,
      [](void* context, std::int64_t piece, int worker) {
        auto& call = *static_cast<std::remove_reference_t<F>*>(context);
        if constexpr (requires { call(piece, worker); }) {
          call(piece, worker);
        } else {
          call(piece);
        }
      },
      const_cast<void*>(static_cast<const void*>(&body)));
}

/// Elements [begin, end) of n in pieces of a fixed grain: body(begin, end).
template <class F>
void parallel_ranges(std::int64_t n, std::int64_t grain, F&& body) {
  const std::int64_t pieces = (n + grain - 1) / grain;
  parallel_for(pieces, [&](std::int64_t piece) {
    const std::int64_t begin = piece * grain;
    body(begin, begin + grain < n ? begin + grain : n);
  });
}

}  // namespace mien
