#include <algorithm>
#include <cmath>

#include "kernels/cuda/api.h"
#include "tests/cuda/reduce_block_kernels.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr int kBlocks = 3, kThreads = 96;

// What join_threads is to give, from x[begin, begin + count).
double sum_of(const std::vector<double>& x, int begin, int count) {
  double sum = 0;
  for (int i = begin; i < begin + count; ++i) sum += x[std::size_t(i)];
  return sum;
}

TEST_CASE("a warp's and a block's threads are joined in their order", "[cuda]") {
  const Tensor x = random_tensor({kBlocks, kThreads}, 1, -1, 1, DType::f32);
  const std::vector<double> all = values(x);
  Tensor expected = Tensor::zeros({kBlocks * kThreads, cuda::kJoins});
  for (int i = 0; i < kBlocks * kThreads; ++i) {
    const int block = i / kThreads * kThreads;
    float* row = expected.data<float>() + std::int64_t(i) * cuda::kJoins;
    row[0] = float(sum_of(all, block, kThreads));
    row[1] = float(*std::max_element(all.begin() + block, all.begin() + block + kThreads));
    row[2] = 1;
    row[3] = float(sum_of(all, i / 32 * 32, 32));
    row[4] = float(sum_of(all, i / 8 * 8, 8));
    row[5] = 8;
    row[6] = float(all[std::size_t(i)]);
  }
  REQUIRE(twin({x, unwritten(expected.shape())},
               [&](const KernelTable& kernels, void* const* b, StreamHandle stream) {
                 if (&kernels == &cuda_kernels(DType::f32)) {
                   cuda::join_threads(kBlocks, static_cast<const float*>(b[0]),
                                      static_cast<float*>(b[1]), stream);
                 } else {
                   std::copy_n(expected.data<float>(), expected.numel(), static_cast<float*>(b[1]));
                 }
               }) == "");
}

}  // namespace
}  // namespace mien
