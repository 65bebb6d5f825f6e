#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "lib/io/file.h"
#include "lib/io/hdf5_file.h"
#include "lib/io/keras_config.h"
#include "mien/base/error.h"
#include "mien/io/keras.h"
#include "mien/nn/registry.h"

namespace mien::io {
namespace {

// Written into every file: Keras 2 takes a missing version for 1 and would permute kernels.
constexpr const char* kKerasVersion = "2.15.0";
constexpr const char* kMetadata = "mien_metadata";

void append_untrained(const nn::Module& module, const std::string& path,
                      std::vector<NamedTensor>& out) {
  for (const NamedTensor& each : module.own_parameters())
    if (!each.value.needs_grad()) out.push_back({path + each.name, each.value});
  for (const NamedTensor& each : module.own_buffers())
    out.push_back({path + each.name, each.value});
  for (std::size_t i = 0; i < module.children(); ++i) {
    const nn::Module& inner = module.child_at(i);
    append_untrained(inner, path + inner.name() + "/", out);
  }
}

// A layer's weights in Keras's order, which is all that ties those of a model inside another to
// their places: the trained ones, then layer by layer the frozen ones and the statistics.
std::vector<NamedTensor> weights_of(const nn::Module& layer) {
  std::vector<NamedTensor> all;
  for (NamedTensor& each : layer.parameters())
    if (each.value.needs_grad()) all.push_back(std::move(each));
  append_untrained(layer, "", all);
  return all;
}

// "block/conv2d/kernel:0" -> "kernel" for one part, "conv2d/kernel" for two.
std::string last_parts(const std::string& name, int parts) {
  const std::string path = name.substr(0, name.find(':'));
  std::size_t begin = path.size();
  for (; parts > 0 && begin != std::string::npos && begin > 0; --parts)
    begin = path.rfind('/', begin - 1);
  return begin == std::string::npos || begin == 0 ? path : path.substr(begin + 1);
}

// The place in given of each of wanted, by the last parts of their names; empty where one is
// missing.
std::vector<std::size_t> places_by_name(const std::vector<NamedTensor>& wanted,
                                        const std::vector<NamedTensor>& given, int parts) {
  std::vector<std::size_t> places;
  std::vector<bool> used(given.size(), false);
  for (const NamedTensor& weight : wanted) {
    std::size_t i = 0;
    while (i < given.size() &&
           (used[i] || last_parts(given[i].name, parts) != last_parts(weight.name, parts)))
      ++i;
    if (i == given.size()) return {};
    used[i] = true;
    places.push_back(i);
  }
  return places;
}

void write_weights(Hdf5File& file, const nn::Sequential& model) {
  std::vector<std::string> layer_names;
  for (std::size_t i = 0; i < model.size(); ++i) {
    const nn::Module& layer = model.layer(i);
    layer_names.push_back(layer.name());
    const std::string group = "/model_weights/" + layer.name();
    file.make_group(group);
    std::vector<std::string> names;
    for (const NamedTensor& each : weights_of(layer)) {
      names.push_back(layer.name() + "/" + each.name + ":0");
      file.write_dataset(group + "/" + names.back(), each.value);
    }
    file.write_strings_attribute(group, "weight_names", names);
  }
  file.write_strings_attribute("/model_weights", "layer_names", layer_names);
  file.write_string_attribute("/model_weights", "backend", "tensorflow");
  file.write_string_attribute("/model_weights", "keras_version", kKerasVersion);
}

Json training_json(const SaveKerasOptions& options) {
  Json optimizer = {{"class_name", options.optimizer},
                    {"config", {{"learning_rate", options.learning_rate}}}};
  return {{"loss", options.loss},
          {"metrics", {"accuracy"}},
          {"weighted_metrics", nullptr},
          {"loss_weights", nullptr},
          {"optimizer_config", optimizer}};
}

struct Copy {
  Tensor to, from;
};

// Pairs a layer's weights with those of the file: by name where the names agree (in a model inside
// another several layers have a kernel), else by order.
void pair_weights(const std::string& path, const std::string& layer,
                  const std::vector<NamedTensor>& wanted, const std::vector<NamedTensor>& given,
                  std::vector<Copy>& copies) {
  for (const NamedTensor& each : wanted)
    MIEN_CHECK(wanted.size() <= given.size() || !places_by_name({each}, given, 1).empty(), IoError,
               path, ": layer '", layer, "' has no weight '", each.name, "'");
  MIEN_CHECK(wanted.size() == given.size(), IoError, path, ": layer '", layer, "' has ",
             given.size(), " weights (", given.empty() ? std::string("none") : given.back().name,
             " last); the model wants ", wanted.size());
  std::vector<std::size_t> places = places_by_name(wanted, given, 2);
  if (places.empty()) places = places_by_name(wanted, given, 1);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const NamedTensor& from = given[places.empty() ? i : places[i]];
    const Tensor& target = wanted[i].value;
    MIEN_CHECK(from.value.shape() == target.shape(), IoError, path, ": weight '", from.name,
               "' of layer '", layer, "' is ", from.value.shape(), "; the model wants ",
               target.shape());
    copies.push_back({target, from.value});
  }
}

std::vector<Copy> read_weights(const Hdf5File& file, const nn::Sequential& model,
                               const std::string& path) {
  const std::string root = file.has("/model_weights") ? "/model_weights" : "/";
  const std::string prefix = root == "/" ? "/" : root + "/";
  struct Group {
    std::string name;
    std::vector<NamedTensor> weights;
  };
  std::vector<Group> groups;
  for (const std::string& name : file.strings_attribute(root, "layer_names")) {
    const std::string group = prefix + name;
    if (!file.has_attribute(group, "weight_names") && !file.has_attribute(group, "weight_names0"))
      continue;
    Group read{name, {}};
    for (const std::string& weight : file.strings_attribute(group, "weight_names"))
      read.weights.push_back({weight, file.dataset(group + "/" + weight)});
    if (!read.weights.empty()) groups.push_back(std::move(read));
  }
  std::vector<Copy> copies;
  std::size_t at = 0;
  for (std::size_t i = 0; i < model.size(); ++i) {
    const std::vector<NamedTensor> wanted = weights_of(model.layer(i));
    if (wanted.empty()) continue;
    MIEN_CHECK(at < groups.size(), IoError, path, ": has no weights for layer '",
               model.layer(i).name(), "'");
    pair_weights(path, model.layer(i).name(), wanted, groups[at].weights, copies);
    ++at;
  }
  MIEN_CHECK(at == groups.size(), IoError, path, ": has weights of a layer '", groups[at].name,
             "' that the model does not have");
  return copies;
}

void fill(const std::vector<Copy>& copies) {
  for (const Copy& copy : copies) {
    Tensor target = copy.to;
    target.copy_from(copy.from);
  }
}

}  // namespace

void save_keras(const nn::Sequential& model, const std::string& path,
                const SaveKerasOptions& options) {
  model.input_shape();  // an unbuilt model is refused
  MIEN_CHECK(model.size() > 0, ValueError, "save_keras: the model has no layers");
  const std::string config = keras_model_json(model).dump();
  Hdf5File file(path, Hdf5File::Mode::create);
  file.make_group("/model_weights");
  file.write_string_attribute("/", "keras_version", kKerasVersion);
  file.write_string_attribute("/", "backend", "tensorflow");
  file.write_string_attribute("/", "model_config", config);
  if (!options.loss.empty())
    file.write_string_attribute("/", "training_config", training_json(options).dump());
  if (!model.metadata().empty())
    file.write_string_attribute("/", kMetadata, plain_json(model.metadata()).dump());
  write_weights(file, model);
  const std::string bytes = file.bytes();
  AtomicFile whole(path);
  whole.write(std::array<std::string_view, 1>{bytes});
  whole.commit();
}

nn::Sequential load_keras(const std::string& path) {
  const Hdf5File file(path, Hdf5File::Mode::read);
  MIEN_CHECK(
      file.has_attribute("/", "model_config"), IoError, path,
      ": holds no model (no 'model_config'); weights alone are read by load_keras_weights()");
  const Json json =
      Json::parse(file.string_attribute("/", "model_config"), nullptr, /*allow_exceptions=*/false);
  std::unique_ptr<nn::Module> module;
  try {
    const nn::Config config = keras_model_config(json, path);
    MIEN_CHECK(config.has("input_shape"), IoError, path, ": the model has no input shape");
    module = nn::make_layer(config);
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {
    throw IoError(path + ": " + error.what());
  } catch (
      const std::exception& error) {  // of a size beyond all memory, of a value of a wrong type
    throw IoError(path + ": its model cannot be made: " + error.what());
  }
  auto& model = dynamic_cast<nn::Sequential&>(*module);
  const std::vector<Copy> copies = read_weights(file, model, path);
  if (file.has_attribute("/", kMetadata)) {
    const Json metadata =
        Json::parse(file.string_attribute("/", kMetadata), nullptr, /*allow_exceptions=*/false);
    MIEN_CHECK(metadata.is_object(), IoError, path, ": its '", kMetadata, "' is damaged");
    model.metadata() = plain_config(metadata);
  }
  fill(copies);
  return std::move(model);
}

void load_keras_weights(nn::Sequential& model, const std::string& path) {
  model.input_shape();
  const Hdf5File file(path, Hdf5File::Mode::read);
  fill(read_weights(file, model, path));
}

}  // namespace mien::io
