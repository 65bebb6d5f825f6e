#include "kernels/cpu/simd/kernels.h"
#include "kernels/cpu/simd/simd.h"
#include "kernels/parallel.h"

namespace mien::cpu::MIEN_ISA {

void axpy(const AxpyArgs& a, StreamHandle) {
  constexpr std::int64_t kGrain = 16384;
  const float* x = static_cast<const float*>(a.x);
  float* y = static_cast<float*>(a.y);
  const float alpha = float(a.alpha), beta = float(a.beta);
  parallel_ranges(a.n, kGrain, [=](std::int64_t begin, std::int64_t end) {
    std::int64_t i = begin;
    if (beta == 0) {
      for (; i + kLanes <= end; i += kLanes) store(y + i, splat(alpha) * load(x + i));
      for (; i < end; ++i) y[i] = alpha * x[i];
    } else {
      for (; i + kLanes <= end; i += kLanes)
        store(y + i, splat(beta) * load(y + i) + splat(alpha) * load(x + i));
      for (; i < end; ++i) y[i] = beta * y[i] + alpha * x[i];
    }
  });
}

}  // namespace mien::cpu::MIEN_ISA
