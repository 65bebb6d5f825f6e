#include "mien/io/model.h"

#include <array>
#include <string_view>

#include "lib/io/file.h"
#include "lib/io/model_formats.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::io {
namespace {

// Of every format that is read and written: a new one is one line here.
const std::vector<ModelFormat>& formats() {
  static const std::vector<ModelFormat> all{keras_h5_format(), keras_zip_format()};
  return all;
}

const ModelFormat& format_of(const std::string& path, std::string_view bytes) {
  for (const ModelFormat& each : formats())
    if (each.holds(bytes)) return each;
  throw IoError(path + ": is no model: neither an HDF5 file (.h5) nor a zip archive (.keras)");
}

}  // namespace

nn::Config& metadata_of(nn::Module& model) {
  if (auto* graph = dynamic_cast<nn::Graph*>(&model)) return graph->metadata();
  return dynamic_cast<nn::Sequential&>(model).metadata();
}

const nn::Config& metadata_of(const nn::Module& model) {
  return metadata_of(const_cast<nn::Module&>(model));
}

std::unique_ptr<nn::Module> load_model(const std::string& path, const LoadOptions& options) {
  std::string bytes = read_file(path);
  const ModelFormat& format = format_of(path, bytes);
  return format.load(path, std::move(bytes), options);
}

void load_weights(nn::Module& model, const std::string& path) {
  std::string bytes = read_file(path);
  const ModelFormat& format = format_of(path, bytes);
  format.load_weights(model, path, std::move(bytes));
}

void load_optimizer(optim::Optimizer& optimizer, const nn::Module& model, const std::string& path) {
  std::string bytes = read_file(path);
  const ModelFormat& format = format_of(path, bytes);
  format.load_optimizer(optimizer, model, path, std::move(bytes));
}

void save_model(const nn::Module& model, const std::string& path, const SaveOptions& options) {
  MIEN_CHECK(options.keras == 2 || options.keras == 3, ValueError,
             "save_model: keras must be 2 or 3; got ", options.keras);
  const std::string_view name = path;
  const ModelFormat* format = nullptr;
  std::string known;
  for (const ModelFormat& each : formats())
    for (const std::string_view extension : each.extensions) {
      known += concat(known.empty() ? "" : ", ", extension);
      if (name.size() > extension.size() &&
          name.substr(name.size() - extension.size()) == extension)
        format = &each;
    }
  MIEN_CHECK(format, IoError, path, ": the name tells no format; models are written to ", known);
  const std::string bytes = format->save(model, path, options);
  write_file(path, bytes);
}

}  // namespace mien::io
