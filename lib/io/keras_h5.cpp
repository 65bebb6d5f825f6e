// Keras's HDF5 format, and files of weights alone.
#include <nlohmann/json.hpp>

#include "lib/io/hdf5_check.h"
#include "lib/io/hdf5_file.h"
#include "lib/io/keras_optimizer.h"
#include "lib/io/keras_read.h"
#include "lib/io/keras_weights.h"
#include "lib/io/keras_write.h"
#include "lib/io/model_formats.h"

namespace mien::io {
namespace {

// Written into every file: Keras 2 takes a missing version for 1 and would permute kernels.
constexpr const char* kKerasVersion = "2.15.0";
constexpr const char* kMetadata = "mien_metadata";
constexpr const char* kTraining = "training_config";

std::unique_ptr<nn::Module> load(const std::string& path, std::string bytes,
                                 const LoadOptions& options) {
  const Hdf5File file(path, bytes);
  std::string().swap(bytes);
  MIEN_CHECK(file.has_attribute("/", "model_config"), IoError, path,
             ": holds no model (no 'model_config'); weights alone are read by load_weights()");
  const Json json =
      parse_json(file.string_attribute("/", "model_config"), path + ": its 'model_config'");
  KerasModel read = read_keras_model(json, path, options);
  const std::vector<WeightCopy> copies = read_weights(file, read.layers, path);
  if (file.has_attribute("/", kMetadata)) {
    const std::string where = path + ": its '" + kMetadata + "'";
    const Json metadata = parse_json(file.string_attribute("/", kMetadata), where);
    MIEN_CHECK(metadata.is_object(), IoError, where, " is damaged");
    metadata_of(*read.model) = plain_config(metadata);
  }
  fill(copies);
  return std::move(read.model);
}

void load_weights_of(nn::Module& model, const std::string& path, std::string bytes) {
  const Hdf5File file(path, bytes);
  std::string().swap(bytes);
  fill(read_weights(file, keras_layers(model), path));
}

void load_optimizer_of(optim::Optimizer& optimizer, const nn::Module& model,
                       const std::string& path, std::string bytes) {
  const Hdf5File file(path, bytes);
  std::string().swap(bytes);
  std::vector<std::string> objects;
  if (file.has("/optimizer_weights"))
    for (const std::string& name : file.strings_attribute("/optimizer_weights", "weight_names"))
      objects.push_back("/optimizer_weights/" + name);
  Json compiled;
  if (file.has_attribute("/", kTraining))
    compiled = parse_json(file.string_attribute("/", kTraining), path + ": its training_config");
  read_optimizer(file, objects, compiled, optimizer, model, path);
}

void rename(KerasLayer& layer, const KerasStyle& style) {
  layer.name = keras_name(layer.name, style);
  for (KerasLayer& each : layer.layers) rename(each, style);
}

std::string save(const nn::Module& model, const std::string& path, const SaveOptions& options) {
  const KerasStyle style{.generation =
                             options.keras == 2 ? KerasGeneration::two : KerasGeneration::three};
  const std::string config = keras_model_json(model, style).dump();
  KerasLayer layers = keras_layers(model);
  rename(layers, style);
  Hdf5File file(path);
  file.write_string_attribute("/", "keras_version", kKerasVersion);
  file.write_string_attribute("/", "backend", "tensorflow");
  file.write_string_attribute("/", "model_config", config);
  if (!options.loss.empty())
    file.write_string_attribute("/", kTraining, compile_json(options, false).dump());
  if (!metadata_of(model).empty())
    file.write_string_attribute("/", kMetadata, plain_json(metadata_of(model)).dump());
  write_weights_by_name(file, layers, kKerasVersion);
  if (!options.loss.empty() && options.optimizer && options.keras == 2)
    write_optimizer_by_name(file, *options.optimizer, layers);
  return file.bytes();
}

}  // namespace

ModelFormat keras_h5_format() {
  return {.extensions = {".h5", ".hdf5"},
          .holds = is_hdf5,
          .load = load,
          .load_weights = load_weights_of,
          .load_optimizer = load_optimizer_of,
          .save = save};
}

}  // namespace mien::io
