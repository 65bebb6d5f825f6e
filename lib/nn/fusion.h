#pragma once

#include "mien/nn/fusion.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Begins with this built layer; layers is 0 where it is no BatchNormalization of the last axis.
FusedLayers begin_fusion(const Module& layer);
/// Takes the next layer in, which gets `in` (shapes without batch); false where it does not fit.
bool extend_fusion(FusedLayers& fused, const Module& next, const Shapes& in);
/// What the layer gives for these inputs. Where `norm` (may be null) takes it and will find its
/// statistics, a convolution notes what it knows of them.
Tensors run_before(const BatchNormalization* norm, const Module& layer, std::span<const Tensor> in,
                   Pass& pass);
/// What the layers give one after the other; residual is Add's other input.
Tensor run_fused(const FusedLayers& fused, const Tensor& x, const Tensor& residual, Pass& pass);

}  // namespace mien::nn
