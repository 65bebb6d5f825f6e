#pragma once

#include <cstdint>
#include <string_view>

namespace mien {

/// Activations by Keras's names. leaky_relu has slope 0.2 and elu alpha 1, as in
/// keras.activations; gelu is the exact one, gelu_tanh its approximation.
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
  exponential
};

/// Keras's name: "linear" for none, otherwise the enumerator's.
std::string_view name_of(Act act);
/// The activation of that name; "swish" is silu. Throws ValueError naming an unknown one.
Act act_named(std::string_view name);

}  // namespace mien
