#pragma once

#include "kernels/args_rows.h"
#include "kernels/cuda/rows.cuh"

namespace mien::cuda {

/// A row's targets: of one form or the other, smoothed.
struct RowOfTargets {
  const float* targets;  // null where there is a label
  std::int32_t label;
  float keep, add;

  __device__ float at(int c) const {
    const float raw = targets ? targets[c] : c == label ? 1.0f : 0.0f;
    return __fadd_rn(raw * keep, add);  // rounded as the CPU does: losses compare with it
  }
};

/// Gradients of the rows' losses.
struct RowGradients {
  const float* dloss;
  std::int64_t stride;
  float scale;

  template <int team>
  __device__ float of(const Row<team>& row) const {
    return scale * dloss[row.index * stride];
  }
};
template <class Args>
RowGradients gradients_of(const Args& a) {
  return {static_cast<const float*>(a.dloss), a.dloss_stride, float(a.dloss_scale)};
}

/// RowTargets, typed.
struct Targets {
  const float* targets;
  const std::int32_t* labels;
  float keep, add;
  const float* weights;
  std::int64_t rows_per_weight;
  const float* class_weights;

  /// spread: what a smoothed target is drawn to, 1 / cols or 1 / 2.
  Targets(const RowTargets& t, double spread)
      : targets(static_cast<const float*>(t.targets)),
        labels(t.labels),
        keep(float(1 - t.smoothing)),
        add(float(t.smoothing * spread)),
        weights(static_cast<const float*>(t.weights)),
        rows_per_weight(t.rows_per_weight),
        class_weights(static_cast<const float*>(t.class_weights)) {}

  template <int team>
  __device__ RowOfTargets of(const Row<team>& row) const {
    return {labels ? nullptr : targets + row.begin, labels ? labels[row.index] : 0, keep, add};
  }

  /// How much the row counts. A label that is no class cannot be refused from here, as the CPU's
  /// are before it is called: it makes the row NaN.
  template <int team>
  __device__ float weight(Row<team>& row) const {
    float weight = weights ? weights[row.index / rows_per_weight] : 1.0f;
    if (labels && unsigned(labels[row.index]) >= unsigned(row.cols))
      return __uint_as_float(0x7fc00000u);
    if (class_weights) weight *= class_weights[class_of(row)];
    return weight;
  }

 private:
  template <int team>
  __device__ int class_of(Row<team>& row) const {
    if (labels) return labels[row.index];
    const float* mine = targets + row.begin;
    if (row.cols == 1) return mine[0] > 0.5f;
    Largest best{mine[0], 0};
    for (int c = row.lane; c < row.end; c += team)
      if (mine[c] > best.value) best = {mine[c], c};
    return row.largest(best).at;
  }
};

}  // namespace mien::cuda
