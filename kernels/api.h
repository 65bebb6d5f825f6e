#pragma once

#include "kernels/args.h"
#include "kernels/device_api.h"

// The border between ops and kernels: one table of functions per device and element type. Kernels
// never throw and never allocate: what they need beyond their arguments comes as scratch.

namespace mien {

/// Functions of one device for one element type; a null entry is an op that it does not have.
struct KernelTable {
  void (*unary)(const UnaryArgs&, StreamHandle);
  void (*unary_grad)(const UnaryGradArgs&, StreamHandle);
  void (*binary)(const BinaryArgs&, StreamHandle);
  void (*binary_grad)(const BinaryGradArgs&, StreamHandle);
  void (*compare)(const CompareArgs&, StreamHandle);
  void (*where)(const WhereArgs&, StreamHandle);
  void (*fill)(const FillArgs&, StreamHandle);
  void (*axpy)(const AxpyArgs&, StreamHandle);
  void (*cast)(const CastArgs&, StreamHandle);
  void (*copy)(const CopyArgs&, StreamHandle);
  void (*gather)(const GatherArgs&, StreamHandle);
  void (*gather_grad)(const GatherGradArgs&, StreamHandle);
  void (*reduce)(const ReduceArgs&, StreamHandle);
  void (*argmax)(const ArgmaxArgs&, StreamHandle);
  void (*square_sum)(const SquareSumArgs&, StreamHandle);
  void (*norm_scale)(const NormScaleArgs&, StreamHandle);  // of devices' f32 alone
  void (*softmax)(const SoftmaxArgs&, StreamHandle);
  void (*softmax_grad)(const SoftmaxGradArgs&, StreamHandle);
  void (*softmax_xent)(const SoftmaxXentArgs&, StreamHandle);
  void (*softmax_xent_grad)(const SoftmaxXentGradArgs&, StreamHandle);
  void (*row_loss)(const RowLossArgs&, StreamHandle);
  void (*row_loss_grad)(const RowLossGradArgs&, StreamHandle);
  void (*count_right)(const CountRightArgs&, StreamHandle);  // of f32 alone
  std::size_t (*gemm_scratch)(const GemmArgs&);              // bytes for args.scratch
  void (*gemm)(const GemmArgs&, StreamHandle);
  Plan (*conv2d_plan)(const Conv2dArgs&);
  // Writes the weight as this plan's runs want it, to be args.packed_weight of them; bytes. Only
  // counts where `to` is null; 0 where the plan has no such form.
  std::size_t (*conv2d_pack)(const Conv2dArgs&, const Plan&, void* to);
  void (*conv2d)(const Conv2dArgs&, const Plan&, void* scratch, StreamHandle);
  const char* (*conv2d_name)(const Conv2dArgs&, const Plan&);  // of the algorithm, for people
  void (*max_pool2d)(const MaxPool2dArgs&, StreamHandle);
  void (*max_pool2d_grad)(const MaxPool2dGradArgs&, StreamHandle);
  void (*avg_pool2d)(const AvgPool2dArgs&, StreamHandle);
  void (*avg_pool2d_grad)(const AvgPool2dGradArgs&, StreamHandle);
  void (*upsample2d)(const Upsample2dArgs&, StreamHandle);
  void (*upsample2d_grad)(const Upsample2dGradArgs&, StreamHandle);
  void (*batch_norm)(const BatchNormArgs&, StreamHandle);
  void (*batch_norm_grad)(const BatchNormGradArgs&, StreamHandle);
  void (*layer_norm)(const LayerNormArgs&, StreamHandle);
  void (*layer_norm_grad)(const LayerNormGradArgs&, StreamHandle);
  void (*dropout)(const DropoutArgs&, StreamHandle);
  void (*adam)(const AdamArgs&, StreamHandle);
  void (*sgd)(const SgdArgs&, StreamHandle);
  void (*rmsprop)(const RmspropArgs&, StreamHandle);
  void (*adagrad)(const AdagradArgs&, StreamHandle);
  void (*affine_warp)(const AffineWarpArgs&, StreamHandle);  // of f32 alone
  void (*augment)(const AugmentArgs&, StreamHandle);         // of f32 alone
};

/// The CPU's tables. f32 and f64 are full; bf16, i32 and u8 hold what storage needs: fill, cast,
/// copy, gather.
const KernelTable& cpu_kernels(DType dtype);

}  // namespace mien
