#include "bench/support/fma_peak.h"

#include <cstdint>
#include <vector>

#include "bench/support/machine.h"
#include "kernels/cpu/isa.h"

namespace mien::cpu {

// Rounds of the loop, and room for what it computes; gives the operations done.
using FmaLoop = double(std::int64_t, float*);
#if defined(MIEN_HAVE_X86_ISA)
namespace avx2 {
FmaLoop fma_loop;
}
namespace avx512 {
FmaLoop fma_loop;
}
#elif defined(MIEN_HAVE_NEON)
namespace neon {
FmaLoop fma_loop;
}
#endif

static FmaLoop* best_fma_loop() {
#if defined(MIEN_HAVE_X86_ISA)
  if (best_isa() == Isa::avx512) return avx512::fma_loop;
  if (best_isa() == Isa::avx2) return avx2::fma_loop;
#elif defined(MIEN_HAVE_NEON)
  return neon::fma_loop;
#endif
  return nullptr;
}

}  // namespace mien::cpu

namespace bench {

double fma_peak() {
  // Long enough for the clock to settle at what these instructions are given.
  constexpr int kRuns = 5, kRounds = 10'000'000, kRoom = 12 * 16;
  const auto loop = mien::cpu::best_fma_loop();
  float room[kRoom];
  std::vector<double> gflops;
  for (int i = 0; loop && i < kRuns; ++i) {
    const double begin = now_ms();
    const double flop = loop(kRounds, room);
    gflops.push_back(flop / 1e6 / (now_ms() - begin));
  }
  return median(gflops);
}

}  // namespace bench
