#pragma once

#include <algorithm>
#include <vector>

#include "kernels/args_rows.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

// Rows of predictions and all forms of targets, for the tests of losses.

namespace mien {

struct RowCase {
  std::int64_t rows, cols;
  bool labels;
  double smoothing;
  std::int64_t rows_per_weight;  // 0: no weights
  bool class_weights;
};
inline constexpr RowCase kRowCases[] = {
    {1, 1, false, 0, 0, false},   {5, 1, false, 0.1, 1, true}, {37, 7, true, 0, 0, false},
    {37, 7, true, 0.1, 1, true},  {37, 7, false, 0, 0, false}, {37, 7, false, 0.1, 2, true},
    {6, 76, true, 0.2, 3, true},  {6, 76, false, 0, 1, true},  {2, 1500, true, 0.1, 1, true},
    {2, 1500, false, 0, 1, true}, {0, 7, true, 0, 0, false},
};

/// Each row's place of its largest target comes once more, later.
inline Tensor some_targets(std::int64_t rows, std::int64_t cols) {
  Tensor out = random_tensor({rows, cols}, 5, 0.01, 1, DType::f32);
  for (std::int64_t r = 0; r < rows && cols > 2; ++r) {
    float* row = out.data<float>() + r * cols;
    row[(r + 1) % cols] = row[(r + 4) % cols] = 1.5f;
    row[(r + 2) % cols] = 0;
  }
  return out;
}

inline Tensor some_labels(std::int64_t rows, std::int64_t cols) {
  Tensor out = Tensor::zeros({rows}, {.dtype = DType::i32});
  for (std::int64_t r = 0; r < rows; ++r)
    out.data<std::int32_t>()[r] = std::int32_t((5 * r + 3) % cols);
  return out;
}

/// Buffers: x, targets, labels, weights, class weights, dloss, loss, dx.
inline std::vector<Tensor> buffers_of(const RowCase& c, Tensor x, double beta) {
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

inline RowTargets targets_of(const RowCase& c, void* const* b) {
  return {.targets = c.labels ? nullptr : b[1],
          .labels = c.labels ? static_cast<const std::int32_t*>(b[2]) : nullptr,
          .smoothing = c.smoothing,
          .weights = c.rows_per_weight > 0 ? b[3] : nullptr,
          .rows_per_weight = std::max<std::int64_t>(c.rows_per_weight, 1),
          .class_weights = c.class_weights ? b[4] : nullptr};
}

}  // namespace mien
