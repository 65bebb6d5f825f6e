#pragma once

#include <string>

#include "mien/nn/sequential.h"

namespace mien::io {

/// How the model was compiled: what Keras needs to evaluate or train it on without a compile() of
/// its own. Without a loss the file holds none, and Keras loads the model uncompiled.
struct SaveKerasOptions {
  std::string loss{};              // Keras's name, such as "categorical_crossentropy"
  std::string optimizer = "Adam";  // Keras's class name
  double learning_rate = 1e-3;
};

/// Writes a model to Keras's HDF5 format (.h5, .hdf5), atomically: architecture, weights, and the
/// model's metadata() in an attribute of mien's own. Keras 3 and tf_keras open it with
/// load_model(). Throws ValueError where the model is not built or a layer cannot be described,
/// IoError where the file cannot be written or this build has no HDF5.
///
/// ```cpp
/// nn::Sequential model{nn::Dense(7, {.activation = Act::softmax})};
/// model.build({10});
/// io::save_keras(model, "model.h5", {.loss = "categorical_crossentropy"});
/// nn::Sequential same = io::load_keras("model.h5");
/// ```
void save_keras(const nn::Sequential& model, const std::string& path,
                const SaveKerasOptions& options = {});

/// A model from such a file, written by mien, Keras 2 or Keras 3; the file is told by its content,
/// not its name. Everything is read and checked before the model is returned. Throws IoError naming
/// the file and what is wrong: missing, truncated, no HDF5, weights only, not Sequential, an
/// unknown layer (by name), a weight that is missing, in excess or of another shape.
nn::Sequential load_keras(const std::string& path);

/// Fills a built model from a whole-model or weights-only file with the same layers in the same
/// order. The model changes only if all fits. Throws as load_keras().
void load_keras_weights(nn::Sequential& model, const std::string& path);

}  // namespace mien::io
