#include "kernels/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace mien {
namespace {

std::atomic<int> wanted_threads{0};
std::atomic<bool> busy{false};

}  // namespace

void set_num_threads(int threads) { wanted_threads = std::max(threads, 0); }

int num_threads() {
  // Asked once: inside a parallel region OpenMP would answer for the nested level.
  static const int all = std::max(omp_get_max_threads(), 1);
  const int wanted = wanted_threads.load(std::memory_order_relaxed);
  return wanted > 0 ? wanted : all;
}

void parallel_run(std::int64_t pieces, void (*fn)(void*, std::int64_t, int), void* context) {
  const int threads = int(std::min<std::int64_t>(num_threads(), pieces));
  if (threads <= 1 || busy.exchange(true, std::memory_order_acquire)) {
    for (std::int64_t piece = 0; piece < pieces; ++piece) fn(context, piece, 0);
    return;
  }
  // No exception may leave a parallel region: it would end the program.
  std::atomic<bool> failed{false};
  std::exception_ptr error;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      fn(context, piece, omp_get_thread_num());
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  }
  busy.store(false, std::memory_order_release);
  if (error) std::rethrow_exception(error);
}

}  // namespace mien
