#include <cmath>

#include "tests/cuda/row_cases.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

TEST_CASE("losses of rows and their gradients are those of the CPU", "[cuda]") {
  for (const RowCase& c : kRowCases) {
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
        if (c.rows == 0) continue;
        CAPTURE("one gradient for all rows");
        REQUIRE(twin(buffers_of(c, x, beta),
                     [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                       k.row_loss_grad({op, c.rows, c.cols, b[0], targets_of(c, b), 0.7, b[5], b[7],
                                        beta, 0, 1 / double(c.rows)},
                                       stream);
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

}  // namespace
}  // namespace mien
