#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn/module.h"

namespace mien::optim {
class Optimizer;
}  // namespace mien::optim

namespace mien::io {

/// Options of load_model().
struct LoadOptions {
  /// Shapes of the model's inputs (without batch), where the file leaves sizes open, as
  /// keras.applications does with include_top=False: {{224, 224, 3}}. One for each input.
  std::vector<Shape> input_shapes{};
  /// Gets a line for everything that is computed in another way than the file says, such as layers
  /// of mixed precision.
  std::vector<std::string>* notes = nullptr;
};

/// A model from a file, with its weights: an nn::Sequential, or an nn::Graph for any other form.
/// The file is told by its content, not by its name:
/// - Keras's HDF5 format (.h5, .hdf5), as Keras 2 and Keras 3 write it;
/// - Keras's zip format (.keras), as Keras 3 and tf_keras write it.
/// Everything is read and checked before the model is returned. Throws IoError naming the file and
/// what is wrong: missing, truncated, an unknown layer (by name), a weight that is missing, in
/// excess or of another shape.
///
/// ```cpp
/// nn::Sequential model{nn::Dense(7, {.activation = Act::softmax})};
/// model.build({10});
/// io::save_model(model, "model.keras");
/// std::unique_ptr<nn::Module> any = io::load_model("model.keras");
/// auto same = io::load_model<nn::Sequential>("model.keras");
/// ```
std::unique_ptr<nn::Module> load_model(const std::string& path, const LoadOptions& options = {});

/// The same for a model of a known form: nn::Sequential or nn::Graph. Throws IoError where the file
/// holds another.
template <std::derived_from<nn::Module> Model>
Model load_model(const std::string& path, const LoadOptions& options = {}) {
  const std::unique_ptr<nn::Module> model = load_model(path, options);
  auto* wanted = dynamic_cast<Model*>(model.get());
  MIEN_CHECK(wanted, IoError, path, ": holds a model of class ", model->kind());
  return std::move(*wanted);
}

/// Options of save_model().
struct SaveOptions {
  /// What Keras is to compile the model with: the loss's name there, such as
  /// "categorical_crossentropy". Without one Keras loads it uncompiled.
  std::string loss{};
  /// The optimizer that it is compiled with; Adam where there is none. Its state is saved with the
  /// model where Keras restores it: in .keras, and in .h5 for Keras 2.
  const optim::Optimizer* optimizer = nullptr;
  /// The generation of Keras that .h5 files are for, 2 (tf.keras, tf_keras) or 3. Files of most
  /// models are the same; they differ for models inside of functional models and for functions
  /// (nn::Operation) that no layer replaces. .keras files are Keras 3's.
  int keras = 3;
};

/// Writes a model, an nn::Sequential or nn::Graph, with its weights and metadata(), atomically. The
/// name tells the format: .h5 and .hdf5, .keras. Throws ValueError where the model is not built or
/// a layer cannot be described there, IoError for another name, where the file cannot be written,
/// or where this build lacks HDF5 (or zlib, for .keras).
void save_model(const nn::Module& model, const std::string& path, const SaveOptions& options = {});

/// Fills a built model from a file of the same layers in the same order: a whole model in any of
/// the formats of load_model(), or weights alone as Keras's save_weights() writes them (.weights.h5
/// of Keras 2 and 3, .h5). The model changes only if all fits. Throws as load_model().
void load_weights(nn::Module& model, const std::string& path);

/// Gives an optimizer the state that a whole-model file has of one: steps, learning rate, and what
/// Adam, AdamW, SGD and RMSprop keep of each weight, so that training goes on where it was. The
/// optimizer is of the same class and bound to the model's parameters. .keras files hold all of it;
/// of Keras's .h5 files tf_keras's do. Throws IoError where it is missing or does not fit; then
/// nothing has changed.
///
/// ```cpp
/// nn::Sequential trained = io::load_model<nn::Sequential>("model.keras");
/// optim::Adam adam;
/// adam.bind(trained.parameters());
/// io::load_optimizer(adam, trained, "model.keras");
/// Trainer trainer(trained, {.optimizer = std::move(adam), .loss = loss::mse()});
/// ```
void load_optimizer(optim::Optimizer& optimizer, const nn::Module& model, const std::string& path);

}  // namespace mien::io
