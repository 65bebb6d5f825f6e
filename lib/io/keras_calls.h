#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/io/json.h"

namespace mien::io {

/// A tensor of a functional model: the layer that gives it, which of that layer's calls, and which
/// of the call's outputs.
struct KerasTensor {
  std::string layer{};
  std::int64_t node = 0, output = 0;
};

/// One call of a layer in a functional model, in the same form for all generations of Keras.
struct KerasCall {
  Json arguments{}, named{};  // list, object; a tensor in them is {"__input__": place in inputs}
  std::vector<KerasTensor> inputs{};
};

/// A call from its entry in inbound_nodes, of Keras 3 or of Keras 2. Throws IoError beginning with
/// `where`.
KerasCall keras_call(const Json& node, const std::string& where);

/// The place that a value of a call's arguments stands for; -1 where it is no tensor.
int input_place(const Json& value);

/// Tensors of input_layers and output_layers: one, a list, or an object of them, inside each other.
std::vector<KerasTensor> keras_tensors(const Json& list, const std::string& where);

}  // namespace mien::io
