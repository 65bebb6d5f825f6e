#pragma once

#include <cstddef>

#include "kernels/args.h"
#include "lib/runtime/profile.h"

namespace mien {

// What a kernel call has to do at least, for the profile. size: bytes of an element. Elementary
// functions and comparisons count as one operation.

OpCost op_cost(const UnaryArgs& a, std::size_t size);
OpCost op_cost(const UnaryGradArgs& a, std::size_t size);
OpCost op_cost(const BinaryArgs& a, std::size_t size);
OpCost op_cost(const BinaryGradArgs& a, std::size_t size);
OpCost op_cost(const CompareArgs& a, std::size_t size);
OpCost op_cost(const WhereArgs& a, std::size_t size);
OpCost op_cost(const FillArgs& a, std::size_t size);
OpCost op_cost(const AxpyArgs& a, std::size_t size);
OpCost op_cost(const CastArgs& a, std::size_t size);
OpCost op_cost(const CopyArgs& a, std::size_t size);
OpCost op_cost(const GatherArgs& a, std::size_t size);
OpCost op_cost(const GatherGradArgs& a, std::size_t size);
OpCost op_cost(const ReduceArgs& a, std::size_t size);
OpCost op_cost(const ArgmaxArgs& a, std::size_t size);
OpCost op_cost(const SquareSumArgs& a, std::size_t size);
OpCost op_cost(const SoftmaxArgs& a, std::size_t size);
OpCost op_cost(const SoftmaxGradArgs& a, std::size_t size);
OpCost op_cost(const SoftmaxXentArgs& a, std::size_t size);
OpCost op_cost(const SoftmaxXentGradArgs& a, std::size_t size);
OpCost op_cost(const RowLossArgs& a, std::size_t size);
OpCost op_cost(const RowLossGradArgs& a, std::size_t size);
OpCost op_cost(const GemmArgs& a, std::size_t size);
OpCost op_cost(const Conv2dArgs& a, std::size_t size);
OpCost op_cost(const MaxPool2dArgs& a, std::size_t size);
OpCost op_cost(const MaxPool2dGradArgs& a, std::size_t size);
OpCost op_cost(const AvgPool2dArgs& a, std::size_t size);
OpCost op_cost(const AvgPool2dGradArgs& a, std::size_t size);
OpCost op_cost(const Upsample2dArgs& a, std::size_t size);
OpCost op_cost(const Upsample2dGradArgs& a, std::size_t size);
OpCost op_cost(const BatchNormArgs& a, std::size_t size);
OpCost op_cost(const BatchNormGradArgs& a, std::size_t size);
OpCost op_cost(const LayerNormArgs& a, std::size_t size);
OpCost op_cost(const LayerNormGradArgs& a, std::size_t size);
OpCost op_cost(const DropoutArgs& a, std::size_t size);
OpCost op_cost(const AdamArgs& a, std::size_t size);
OpCost op_cost(const SgdArgs& a, std::size_t size);
OpCost op_cost(const RmspropArgs& a, std::size_t size);
OpCost op_cost(const AdagradArgs& a, std::size_t size);

/// One that nobody has counted yet: the profile shows its time alone.
template <class Args>
OpCost op_cost(const Args&, std::size_t) {
  return {};
}

}  // namespace mien
