#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/api.h"
#include "kernels/parallel.h"

// The CPU kernels, one template per table entry, defined in the .cpp of the same stem and
// instantiated there for float and double (MIEN_INSTANTIATE), those for storage for the other types
// too.

namespace mien::cpu {

/// Elements that one piece of an elementwise loop takes: enough to hide the cost of handing out
/// pieces.
inline constexpr std::int64_t kGrain = 16384;

template <class T>
void unary(const UnaryArgs&, StreamHandle);
template <class T>
void unary_grad(const UnaryGradArgs&, StreamHandle);
template <class T>
void binary(const BinaryArgs&, StreamHandle);
template <class T>
void binary_grad(const BinaryGradArgs&, StreamHandle);
template <class T>
void compare(const CompareArgs&, StreamHandle);
template <class T>
void where(const WhereArgs&, StreamHandle);
template <class T>
void fill(const FillArgs&, StreamHandle);
template <class T>
void axpy(const AxpyArgs&, StreamHandle);
void cast(const CastArgs&, StreamHandle);
template <class T>
void copy(const CopyArgs&, StreamHandle);
template <class T>
void gather(const GatherArgs&, StreamHandle);
template <class T>
void gather_grad(const GatherGradArgs&, StreamHandle);
template <class T>
void reduce(const ReduceArgs&, StreamHandle);
template <class T>
void argmax(const ArgmaxArgs&, StreamHandle);
template <class T>
void square_sum(const SquareSumArgs&, StreamHandle);
template <class T>
void softmax(const SoftmaxArgs&, StreamHandle);
template <class T>
void softmax_grad(const SoftmaxGradArgs&, StreamHandle);
template <class T>
void softmax_xent(const SoftmaxXentArgs&, StreamHandle);
template <class T>
void softmax_xent_grad(const SoftmaxXentGradArgs&, StreamHandle);
template <class T>
void row_loss(const RowLossArgs&, StreamHandle);
template <class T>
void row_loss_grad(const RowLossGradArgs&, StreamHandle);
void count_right(const CountRightArgs&, StreamHandle);
template <class T>
std::size_t gemm_scratch(const GemmArgs&);
template <class T>
void gemm(const GemmArgs&, StreamHandle);
template <class T>
Plan conv2d_plan(const Conv2dArgs&);
template <class T>
std::size_t conv2d_pack(const Conv2dArgs&, const Plan&, void* to);
template <class T>
void conv2d(const Conv2dArgs&, const Plan&, void* scratch, StreamHandle);
const char* conv2d_name(const Conv2dArgs&, const Plan&);
template <class T>
void max_pool2d(const MaxPool2dArgs&, StreamHandle);
template <class T>
void max_pool2d_grad(const MaxPool2dGradArgs&, StreamHandle);
template <class T>
void avg_pool2d(const AvgPool2dArgs&, StreamHandle);
template <class T>
void avg_pool2d_grad(const AvgPool2dGradArgs&, StreamHandle);
template <class T>
void upsample2d(const Upsample2dArgs&, StreamHandle);
template <class T>
void upsample2d_grad(const Upsample2dGradArgs&, StreamHandle);
template <class T>
void batch_norm(const BatchNormArgs&, StreamHandle);
template <class T>
void batch_norm_grad(const BatchNormGradArgs&, StreamHandle);
template <class T>
void layer_norm(const LayerNormArgs&, StreamHandle);
template <class T>
void layer_norm_grad(const LayerNormGradArgs&, StreamHandle);
template <class T>
void dropout(const DropoutArgs&, StreamHandle);
template <class T>
void adam(const AdamArgs&, StreamHandle);
template <class T>
void sgd(const SgdArgs&, StreamHandle);
template <class T>
void rmsprop(const RmspropArgs&, StreamHandle);
template <class T>
void adagrad(const AdagradArgs&, StreamHandle);
void affine_warp(const AffineWarpArgs&, StreamHandle);
void augment(const AugmentArgs&, StreamHandle);

}  // namespace mien::cpu

/// Instantiates a kernel for both computing types.
#define MIEN_INSTANTIATE(kernel, Args)                    \
  template void kernel<float>(const Args&, StreamHandle); \
  template void kernel<double>(const Args&, StreamHandle)
