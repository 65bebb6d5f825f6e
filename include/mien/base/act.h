#pragma once

#include <cstdint>
#include <string_view>

namespace mien {

/// Activations by Keras's names. leaky_relu has slope 0.2 and elu alpha 1, as in
/// keras.activations; gelu is the exact one, gelu_tanh its approximation; hard_sigmoid is Keras
/// 3's, hard_sigmoid_2 that of Keras 2; soft_shrink and hard_shrink have threshold 0.5.
enum class Act : std::uint8_t {
  none,  // "linear"
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  gelu_tanh,
  silu,
  sigmoid,
  hard_sigmoid,
  tanh,
  softplus,
  softmax,
  exponential,
  relu6,
  celu,
  mish,
  hard_silu,
  hard_sigmoid_2,
  hard_tanh,
  softsign,
  log_sigmoid,
  log_softmax,
  tanh_shrink,
  soft_shrink,
  hard_shrink,
  squareplus,
  sparse_plus,
  sparse_sigmoid,
  sparsemax
};

/// Keras's name: "linear" for none, otherwise the enumerator's.
std::string_view name_of(Act act);
/// The activation of that name; "swish" is silu and "hard_swish" hard_silu. Throws ValueError
/// naming an unknown one.
Act act_named(std::string_view name);

}  // namespace mien
