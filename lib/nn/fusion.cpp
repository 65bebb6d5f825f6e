#include "lib/nn/fusion.h"

#include <typeinfo>

#include "lib/nn/layer_config.h"
#include "mien/nn/activation_layers.h"
#include "mien/nn/conv.h"
#include "mien/nn/dropout.h"
#include "mien/nn/merge.h"
#include "mien/nn/normalization.h"
#include "mien/nn/pooling.h"

namespace mien::nn {
namespace {

// Not a class derived from it, which may do something else.
template <class Layer>
bool is_just(const Module& layer) {
  return typeid(layer) == typeid(Layer);
}

bool is_relu(const Module& layer) {
  if (is_just<Activation>(layer)) return act_from(layer.config()) == Act::relu;
  if (!is_just<ReLU>(layer)) return false;
  const Config config = layer.config();
  return !config.has("max_value") && config.get_double("negative_slope", 0) == 0 &&
         config.get_double("threshold", 0) == 0;
}

// Windows of 2x2 side by side; with padding "same" that is so for even sizes.
bool is_halving(const Module& layer, const Shape& in) {
  if (!is_just<MaxPooling2D>(layer)) return false;
  const Config config = layer.config();
  const std::array<int, 2> two{2, 2};
  const bool even = in[0] % 2 == 0 && in[1] % 2 == 0;
  return pair_from(config, "pool_size", {0, 0}) == two &&
         pair_from(config, "strides", {0, 0}) == two &&
         (padding_from(config) == Padding::valid || even);
}

}  // namespace

FusedLayers begin_fusion(const Module& layer) {
  FusedLayers fused;
  if (!is_just<BatchNormalization>(layer)) return fused;
  const auto& norm = static_cast<const BatchNormalization&>(layer);
  if (!norm.channels_last()) return fused;
  fused.norm = &norm;
  fused.layers = 1;
  return fused;
}

bool extend_fusion(FusedLayers& fused, const Module& next, const Shapes& in) {
  const bool dropped = fused.dropout > 0, pooled = fused.max_pool || dropped;
  if (is_just<Add>(next)) {
    if (fused.add || fused.relu || pooled || in.size() != 2 || in[0] != in[1]) return false;
    fused.add = true;
  } else if (is_relu(next)) {
    if (fused.relu || pooled) return false;
    fused.relu = true;
  } else if (in[0].rank() == 3 && is_halving(next, in[0])) {
    if (pooled) return false;
    fused.max_pool = true;
  } else if (is_just<Dropout>(next)) {
    if (dropped || !next.config().get_ints("noise_shape", {}).empty()) return false;
    fused.dropout = next.config().get_double("rate", 0);
  } else {
    return false;
  }
  ++fused.layers;
  return true;
}

Tensors run_before(const BatchNormalization* norm, const Module& layer, std::span<const Tensor> in,
                   Pass& pass) {
  const bool finds = norm && pass.training && !norm->frozen();
  if (!finds || !is_just<Conv2D>(layer)) return layer.call(in, pass);
  return {static_cast<const Conv2D&>(layer).forward_to_norm(in[0], pass)};
}

Tensor run_fused(const FusedLayers& fused, const Tensor& x, const Tensor& residual, Pass& pass) {
  return fused.norm->forward(x, pass,
                             {.residual = residual,
                              .relu = fused.relu,
                              .max_pool = fused.max_pool,
                              .dropout = pass.training ? fused.dropout : 0.0,
                              .random = &pass.generator()});
}

}  // namespace mien::nn
