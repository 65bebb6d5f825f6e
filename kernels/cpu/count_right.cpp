#include <algorithm>
#include <cmath>

#include "kernels/cpu/kernels.h"

namespace mien::cpu {
namespace {

std::int64_t largest(const float* row, std::int64_t cols) {
  return std::max_element(row, row + cols) - row;
}

}  // namespace

void count_right(const CountRightArgs& a, StreamHandle) {
  const auto* x = static_cast<const float*>(a.x);
  const auto* targets = static_cast<const float*>(a.targets);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    const float* row = x + r * a.cols;
    const float target = targets[a.form == TargetForm::rows ? r * a.cols : r];
    switch (a.form) {
      case TargetForm::binary:
        a.counts[0] += (target > 0.5f) == (row[0] > 0.5f);
        break;
      case TargetForm::exact:
        a.counts[0] += target == float(row[0] > 0.5f);
        break;
      case TargetForm::numbers:
        if (target >= 0 && target < float(a.cols) && target == std::floor(target)) {
          a.counts[0] += largest(row, a.cols) == std::int64_t(target);
        } else {
          ++a.counts[1];
        }
        break;
      case TargetForm::rows:
        a.counts[0] += largest(row, a.cols) == largest(targets + r * a.cols, a.cols);
        break;
    }
  }
}

}  // namespace mien::cpu
