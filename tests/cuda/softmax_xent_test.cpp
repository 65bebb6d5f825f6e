#include <cmath>

#include "lib/core/kernels_for.h"
#include "tests/cuda/row_cases.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"

namespace mien {
namespace {

TEST_CASE("cross-entropy of logits and its gradient are those of the CPU", "[cuda]") {
  for (const RowCase& c : kRowCases) {
    for (const double beta : {0.0, 0.5}) {
      CAPTURE(c.rows, c.cols, c.labels, c.smoothing, beta);
      const Tensor x = random_tensor({c.rows, c.cols}, 1, -6, 6, DType::f32);
      REQUIRE(
          twin(buffers_of(c, x, beta), [&](const KernelTable& k, void* const* b,
                                           StreamHandle stream) {
            k.softmax_xent({c.rows, c.cols, b[0], targets_of(c, b), b[6]}, stream);
            k.softmax_xent_grad({c.rows, c.cols, b[0], targets_of(c, b), b[5], b[7], beta}, stream);
          }) == "");
      if (c.rows == 0) continue;
      CAPTURE("one gradient for all rows");
      REQUIRE(twin(buffers_of(c, x, beta),
                   [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                     k.softmax_xent_grad({c.rows, c.cols, b[0], targets_of(c, b), b[5], b[7], beta,
                                          0, 1 / double(c.rows)},
                                         stream);
                   }) == "");
    }
  }
}

TEST_CASE("a masked logit of no weight adds nothing to a cross-entropy", "[cuda]") {
  const RowCase c{2, 3, true, 0, 0, false};
  const Tensor x = Tensor::from({-INFINITY, 1, 2, 80, -90, -INFINITY}, {2, 3});
  REQUIRE(twin({x, Tensor::from({1, 0}, {2}, {.dtype = DType::i32}), unwritten({2})},
               [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                 void* const all[] = {b[0], nullptr, b[1], nullptr, nullptr};
                 k.softmax_xent({2, 3, b[0], targets_of(c, all), b[2]}, stream);
               }) == "");
}

// The CPU's ops refuse such a label; a device's kernels cannot.
TEST_CASE("a label that is no class makes a device's loss NaN", "[cuda]") {
  const Device device = cuda_or_skip();
  const Tensor x = random_tensor({3, 7}, 1, -3, 3, DType::f32).to(device);
  const Tensor labels = Tensor::from({7, -1, 2}, {3}, {.dtype = DType::i32}).to(device);
  const Tensor class_weights = Tensor::ones({7}, {.device = device});
  const Tensor loss = Tensor::zeros({3}, {.device = device});
  void* const all[] = {x.raw(), nullptr, labels.raw(), nullptr, class_weights.raw()};
  for (const bool weighted : {false, true}) {
    const RowCase c{3, 7, true, 0, 0, weighted};
    kernels_for(device, DType::f32)
        .softmax_xent({3, 7, x.raw(), targets_of(c, all), loss.raw()}, current_stream(device));
    const std::vector<double> losses = values(loss.to(kCpu));
    REQUIRE(std::isnan(losses[0]));
    REQUIRE(std::isnan(losses[1]));
    REQUIRE(losses[2] > 0);
  }
}

}  // namespace
}  // namespace mien
