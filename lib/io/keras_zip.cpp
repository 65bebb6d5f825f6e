// Keras's zip format: config.json, metadata.json, model.weights.h5.
#include <nlohmann/json.hpp>

#include "lib/io/hdf5_file.h"
#include "lib/io/keras_optimizer.h"
#include "lib/io/keras_read.h"
#include "lib/io/keras_weights.h"
#include "lib/io/keras_write.h"
#include "lib/io/model_formats.h"
#include "lib/io/zip.h"

namespace mien::io {
namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr const char* kOwn = "mien_metadata";  // in metadata.json
constexpr const char* kKerasVersion = "3.8.0";

bool holds(std::string_view bytes) {
  return bytes.substr(0, 4) == "PK\x03\x04" || bytes.substr(0, 4) == "PK\x05\x06";
}

Hdf5File weights_in(const ZipReader& zip, const std::string& path) {
  return Hdf5File(path + ": " + kWeights, zip.read(kWeights));
}

std::unique_ptr<nn::Module> load(const std::string& path, std::string bytes,
                                 const LoadOptions& options) {
  const ZipReader zip(path, std::move(bytes));
  const Json config = parse_json(zip.read(kConfig), path + ": " + kConfig);
  KerasModel read = read_keras_model(config, path, options);
  const std::vector<WeightCopy> copies = read_weights(weights_in(zip, path), read.layers, path);
  if (zip.has(kMetadata)) {
    const Json metadata = parse_json(zip.read(kMetadata), path + ": " + kMetadata);
    if (value_at(metadata, kOwn).is_object())
      metadata_of(*read.model) = plain_config(value_at(metadata, kOwn));
  }
  fill(copies);
  return std::move(read.model);
}

void load_weights_of(nn::Module& model, const std::string& path, std::string bytes) {
  const ZipReader zip(path, std::move(bytes));
  fill(read_weights(weights_in(zip, path), keras_layers(model), path));
}

void load_optimizer_of(optim::Optimizer& optimizer, const nn::Module& model,
                       const std::string& path, std::string bytes) {
  const ZipReader zip(path, std::move(bytes));
  const Json config = parse_json(zip.read(kConfig), path + ": " + kConfig);
  const Hdf5File file = weights_in(zip, path);
  std::vector<std::string> objects;
  if (file.has("/optimizer/vars"))
    for (std::size_t i = 0; i < file.children("/optimizer/vars").size(); ++i)
      objects.push_back("/optimizer/vars/" + std::to_string(i));
  read_optimizer(file, objects, value_at(config, "compile_config"), optimizer, model, path);
}

std::string save(const nn::Module& model, const std::string& path, const SaveOptions& options) {
  const KerasStyle style{.zip = true};
  Json config = keras_model_json(model, style);
  if (!options.loss.empty()) config["compile_config"] = compile_json(options, true);
  Json metadata = {{"keras_version", kKerasVersion}};
  if (!metadata_of(model).empty()) metadata[kOwn] = plain_json(metadata_of(model));
  Hdf5File weights(path);
  write_weights_by_class(weights, keras_layers(model));
  if (!options.loss.empty() && options.optimizer)
    write_optimizer_by_number(weights, *options.optimizer, keras_layers(model));
  return zip_stored(
      path, {{kMetadata, metadata.dump()}, {kConfig, config.dump()}, {kWeights, weights.bytes()}});
}

}  // namespace

ModelFormat keras_zip_format() {
  return {.extensions = {".keras"},
          .holds = holds,
          .load = load,
          .load_weights = load_weights_of,
          .load_optimizer = load_optimizer_of,
          .save = save};
}

}  // namespace mien::io
