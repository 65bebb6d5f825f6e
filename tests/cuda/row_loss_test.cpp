// softmax_xent, row_loss and their gradients, over all forms of targets.
#include <algorithm>
#include <cmath>

#include "lib/core/kernels_for.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  std::int64_t rows, cols;
  bool labels;
  double smoothing;
  std::int64_t rows_per_weight;  // 0: no weights
  bool class_weights;
};
constexpr Case kCases[] = {
    {1, 1, false, 0, 0, false},   {5, 1, false, 0.1, 1, true}, {37, 7, true, 0, 0, false},
    {37, 7, true, 0.1, 1, true},  {37, 7, false, 0, 0, false}, {37, 7, false, 0.1, 2, true},
    {6, 76, true, 0.2, 3, true},  {6, 76, false, 0, 1, true},  {2, 1500, true, 0.1, 1, true},
    {2, 1500, false, 0, 1, true}, {0, 7, true, 0, 0, false},
};

// Each row's place of its largest target comes once more, later.
Tensor some_targets(std::int64_t rows, std::int64_t cols) {
  Tensor out = random_tensor({rows, cols}, 5, 0.01, 1, DType::f32);
  for (std::int64_t r = 0; r < rows && cols > 2; ++r) {
    float* row = out.data<float>() + r * cols;
    row[(r + 1) % cols] = row[(r + 4) % cols] = 1.5f;
    row[(r + 2) % cols] = 0;
  }
  return out;
}

Tensor some_labels(std::int64_t rows, std::int64_t cols) {
  Tensor out = Tensor::zeros({rows}, {.dtype = DType::i32});
  for (std::int64_t r = 0; r < rows; ++r)
    out.data<std::int32_t>()[r] = std::int32_t((5 * r + 3) % cols);
  return out;
}

// Buffers: x, targets, labels, weights, class weights, dloss, loss, dx.
std::vector<Tensor> buffers_of(const Case& c, Tensor x, double beta) {
  const Shape shape{c.rows, c.cols};
  return {std::move(x),
          some_targets(c.rows, c.cols),
          some_labels(c.rows, c.cols),
          random_tensor({c.rows}, 6, 0.5, 2, DType::f32),
          random_tensor({std::max<std::int64_t>(c.cols, 2)}, 7, 0.5, 2, DType::f32),
          random_tensor({c.rows}, 8, -1, 1, DType::f32),
          unwritten({c.rows}),
          beta == 0 ? unwritten(shape) : random_tensor(shape, 9, -1, 1, DType::f32)};
}

RowTargets targets_of(const Case& c, void* const* b) {
  return {.targets = c.labels ? nullptr : b[1],
          .labels = c.labels ? static_cast<const std::int32_t*>(b[2]) : nullptr,
          .smoothing = c.smoothing,
          .weights = c.rows_per_weight > 0 ? b[3] : nullptr,
          .rows_per_weight = std::max<std::int64_t>(c.rows_per_weight, 1),
          .class_weights = c.class_weights ? b[4] : nullptr};
}

TEST_CASE("cross-entropy of logits and its gradient are those of the CPU", "[cuda]") {
  for (const Case& c : kCases) {
    for (const double beta : {0.0, 0.5}) {
      CAPTURE(c.rows, c.cols, c.labels, c.smoothing, beta);
      const Tensor x = random_tensor({c.rows, c.cols}, 1, -6, 6, DType::f32);
      REQUIRE(
          twin(buffers_of(c, x, beta), [&](const KernelTable& k, void* const* b,
                                           StreamHandle stream) {
            k.softmax_xent({c.rows, c.cols, b[0], targets_of(c, b), b[6]}, stream);
            k.softmax_xent_grad({c.rows, c.cols, b[0], targets_of(c, b), b[5], b[7], beta}, stream);
          }) == "");
    }
  }
}

TEST_CASE("losses of rows and their gradients are those of the CPU", "[cuda]") {
  for (const Case& c : kCases) {
    for (const RowLoss op : {RowLoss::crossentropy, RowLoss::binary, RowLoss::binary_logits,
                             RowLoss::squared, RowLoss::absolute, RowLoss::huber, RowLoss::kl}) {
      for (const double beta : {0.0, 0.5}) {
        CAPTURE(c.rows, c.cols, c.labels, c.smoothing, int(op), beta);
        const bool probabilities =
            op == RowLoss::crossentropy || op == RowLoss::binary || op == RowLoss::kl;
        const Tensor x = random_tensor({c.rows, c.cols}, 1, probabilities ? 0.05 : -3,
                                       probabilities ? 0.95 : 3, DType::f32);
        REQUIRE(twin(buffers_of(c, x, beta), [&](const KernelTable& k, void* const* b,
                                                 StreamHandle stream) {
                  k.row_loss({op, c.rows, c.cols, b[0], targets_of(c, b), 0.7, b[6]}, stream);
                  k.row_loss_grad(
                      {op, c.rows, c.cols, b[0], targets_of(c, b), 0.7, b[5], b[7], beta}, stream);
                }) == "");
      }
    }
  }
}

// Each number is a row of its own, so that the small losses count too.
TEST_CASE("probabilities are clipped where the CPU clips them", "[cuda]") {
  const std::vector<double> edges{0,         1e-30, 9.9999994e-8, 1e-7,       1.0000001e-7,
                                  2e-7,      0.5,   0.9999998,    0.99999988, 0.99999994,
                                  1.0000001, 1,     -0.25,        1.5};
  for (const double p : edges) {
    for (const double t : {0.0, 0.25, 1.0}) {
      for (const RowLoss op : {RowLoss::binary, RowLoss::kl}) {
        CAPTURE(p, t, int(op));
        // log 1, but for how 1e-7 is rounded
        if (op == RowLoss::kl && t == 0 && std::abs(p - 1e-7) < 1e-10) continue;
        REQUIRE(twin({Tensor::from({p}, {1, 1}), Tensor::from({t}, {1, 1}), Tensor::ones({1}),
                      unwritten({1}), unwritten({1, 1})},
                     [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                       const RowTargets targets{.targets = b[1],
                                                .labels = nullptr,
                                                .smoothing = 0,
                                                .weights = nullptr,
                                                .rows_per_weight = 1,
                                                .class_weights = nullptr};
                       k.row_loss({op, 1, 1, b[0], targets, 1, b[3]}, stream);
                       k.row_loss_grad({op, 1, 1, b[0], targets, 1, b[2], b[4], 0}, stream);
                     }) == "");
      }
    }
  }
}

TEST_CASE("a masked logit of no weight adds nothing to a cross-entropy", "[cuda]") {
  const Case c{2, 3, true, 0, 0, false};
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
  const Case c{3, 7, true, 0, 0, true};
  void* const all[] = {x.raw(), nullptr, labels.raw(), nullptr, class_weights.raw()};
  kernels_for(device, DType::f32)
      .softmax_xent({3, 7, x.raw(), targets_of(c, all), loss.raw()}, current_stream(device));
  const std::vector<double> losses = values(loss.to(kCpu));
  REQUIRE(std::isnan(losses[0]));
  REQUIRE(std::isnan(losses[1]));
  REQUIRE(losses[2] > 0);
}

}  // namespace
}  // namespace mien
