#pragma once

#include <string>
#include <vector>

#include "lib/io/keras_layers.h"
#include "mien/tensor.h"

namespace mien::io {

/// Where Keras 3's layout has a weight: "/layers/conv2d_1/vars/0". The name counts layers of a
/// class, since names of layers may differ between two models of one form.
struct KerasPlace {
  std::string object{};
  NamedTensor weight{};
};

/// All weights of a model, layer by layer in Keras's order. `layers` is the name of the groups that
/// hold the layers of models.
std::vector<KerasPlace> keras_places(const KerasLayer& model, const std::string& layers);
/// The groups of all layers, those without weights among them: "/layers/flatten/vars".
std::vector<std::string> keras_groups(const KerasLayer& model, const std::string& layers);

}  // namespace mien::io
