#include "lib/train/sample_weights.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"

namespace mien {
namespace {

double weight_of(std::int64_t label, const ClassWeights& weights) {
  const auto found = std::find_if(weights.begin(), weights.end(),
                                  [&](const auto& each) { return each.first == label; });
  return found == weights.end() ? 1 : found->second;
}

Tensor class_weights_of(const Tensor& targets, const ClassWeights& weights) {
  const std::int64_t samples = targets.shape()[0];
  const std::int64_t columns = samples > 0 ? targets.numel() / samples : 1;
  for (const auto& each : weights) {
    MIEN_CHECK(columns == 1 || each.first < columns, ValueError, "class_weight: there is no class ",
               each.first, "; the targets have ", columns);
  }
  const Tensor values = targets.to(Device{}).to(DType::f32);
  Tensor out = Tensor::empty({samples}, {.device = kCpu});
  for (std::int64_t i = 0; i < samples; ++i) {
    const float* row = values.data<float>() + i * columns;
    const std::int64_t label =
        columns == 1 ? std::int64_t(row[0]) : std::max_element(row, row + columns) - row;
    out.data<float>()[i] = float(weight_of(label, weights));
  }
  return out;
}

}  // namespace

void check_class_weights(const ClassWeights& weights) {
  for (const auto& each : weights) {
    const auto same = [&](const auto& other) { return other.first == each.first; };
    MIEN_CHECK(each.first >= 0, ValueError, "class_weight: there is no class ", each.first);
    MIEN_CHECK(std::count_if(weights.begin(), weights.end(), same) == 1, ValueError,
               "class_weight: class ", each.first, " is given twice");
    MIEN_CHECK(std::isfinite(each.second) && each.second >= 0, ValueError,
               "class_weight: the weight of class ", each.first,
               " must be finite and not negative; got ", each.second);
  }
}

Tensor sample_weights(const Batch& batch, const ClassWeights& weights) {
  if (weights.empty()) return batch.weights;
  const Tensor of_classes = class_weights_of(batch.targets[0], weights);
  return batch.weights.defined() ? batch.weights * of_classes : of_classes;
}

}  // namespace mien
