#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mien/io/model.h"

namespace mien::io {

/// A file format for models.
struct ModelFormat {
  std::vector<std::string_view> extensions{};  // that save_model() writes it for
  bool (*holds)(std::string_view bytes) = nullptr;
  std::unique_ptr<nn::Module> (*load)(const std::string& path, std::string bytes,
                                      const LoadOptions& options) = nullptr;
  void (*load_weights)(nn::Module& model, const std::string& path, std::string bytes) = nullptr;
  void (*load_optimizer)(optim::Optimizer& optimizer, const nn::Module& model,
                         const std::string& path, std::string bytes) = nullptr;
  /// The whole file.
  std::string (*save)(const nn::Module& model, const std::string& path,
                      const SaveOptions& options) = nullptr;
};

ModelFormat keras_h5_format();
ModelFormat keras_zip_format();

/// metadata() of an nn::Sequential or nn::Graph.
nn::Config& metadata_of(nn::Module& model);
const nn::Config& metadata_of(const nn::Module& model);

}  // namespace mien::io
