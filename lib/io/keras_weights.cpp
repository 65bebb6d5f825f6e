#include "lib/io/keras_weights.h"

#include <algorithm>

#include "lib/io/keras_places.h"
#include "mien/base/error.h"

namespace mien::io {
namespace {

void append_trained(const nn::Module& module, const std::string& path,
                    std::vector<NamedTensor>& out) {
  for (const NamedTensor& each : module.own_parameters())
    if (each.value.needs_grad()) out.push_back({path + each.name, each.value});
  for (std::size_t i = 0; i < module.children(); ++i)
    append_trained(module.child_at(i), path + module.child_at(i).name() + "/", out);
}

void append_untrained(const nn::Module& module, const std::string& path,
                      std::vector<NamedTensor>& out) {
  for (const NamedTensor& each : module.own_parameters())
    if (!each.value.needs_grad()) out.push_back({path + each.name, each.value});
  for (const NamedTensor& each : module.own_buffers())
    out.push_back({path + each.name, each.value});
  for (std::size_t i = 0; i < module.children(); ++i)
    append_untrained(module.child_at(i), path + module.child_at(i).name() + "/", out);
}

// Models list their layers in Keras's order, which need not be that of their making.
void append(const KerasLayer& layer, const std::string& path, bool trained,
            std::vector<NamedTensor>& out) {
  if (layer.is_model()) {
    for (const KerasLayer& each : layer.layers) append(each, path + each.name + "/", trained, out);
  } else if (layer.module) {
    (trained ? append_trained : append_untrained)(*layer.module, path, out);
  }
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

// Collects what does not fit, to name all of it.
class Differences {
 public:
  explicit Differences(const std::string& path) : path_(path) {}
  template <class... Parts>
  void add(const Parts&... parts) {
    if (++count_ <= kNamed) text_ += concat(text_.empty() ? "" : "; ", parts...);
  }
  void check() const {
    MIEN_CHECK(count_ == 0, IoError, path_, ": ", text_,
               count_ > kNamed ? concat("; and ", count_ - kNamed, " more") : std::string());
  }

 private:
  static constexpr int kNamed = 10;
  const std::string& path_;
  std::string text_;
  int count_ = 0;
};

// Pairs a layer's weights with those of the file: by name where the names agree (in a model inside
// another several layers have a kernel), else by order.
void pair_weights(const std::string& layer, const std::vector<NamedTensor>& wanted,
                  const std::vector<NamedTensor>& given, std::vector<WeightCopy>& copies,
                  Differences& differences) {
  if (wanted.size() != given.size()) {
    const bool missing = wanted.size() > given.size();
    const std::vector<NamedTensor>&more = missing ? wanted : given,
          &fewer = missing ? given : wanted;
    const char* what = missing ? "has no weight '" : "has a weight too many, '";
    std::vector<bool> known(fewer.size(), false);
    bool named = false;
    for (const NamedTensor& each : more) {
      std::size_t i = 0;
      while (i < fewer.size() &&
             (known[i] || last_parts(fewer[i].name, 1) != last_parts(each.name, 1)))
        ++i;
      if (i < fewer.size()) {
        known[i] = true;
      } else {
        named = true;
        differences.add("layer '", layer, "' ", what, each.name, "'");
      }
    }
    if (!named)
      differences.add("layer '", layer, "' has ", given.size(), " weights; the model wants ",
                      wanted.size());
    return;
  }
  std::vector<std::size_t> places;
  for (int parts = 8; parts > 0 && places.empty(); parts /= 2)
    places = places_by_name(wanted, given, parts);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const NamedTensor& from = given[places.empty() ? i : places[i]];
    const Tensor& target = wanted[i].value;
    if (from.value.shape() != target.shape()) {
      differences.add("weight '", from.name, "' of layer '", layer, "' is ", from.value.shape(),
                      "; the model wants ", target.shape());
    } else {
      copies.push_back({target, from.value});
    }
  }
}

std::vector<WeightCopy> read_by_name(const Hdf5File& file, const KerasLayer& model,
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
  std::vector<WeightCopy> copies;
  Differences differences(path);
  std::size_t at = 0;
  for (const KerasLayer& layer : model.layers) {
    const std::vector<NamedTensor> wanted = keras_weights(layer);
    if (wanted.empty()) continue;
    if (at < groups.size()) {
      pair_weights(layer.name, wanted, groups[at].weights, copies, differences);
    } else {
      differences.add("has no weights for layer '", layer.name, "'");
    }
    ++at;
  }
  for (; at < groups.size(); ++at)
    differences.add("has weights of a layer '", groups[at].name, "' that the model does not have");
  differences.check();
  return copies;
}

// Where the weights of a file of Keras 3's layout lie: in order of their numbers.
void collect_groups(const Hdf5File& file, const std::string& group, std::vector<std::string>& out) {
  for (const std::string& name : file.children(group)) {
    const std::string inner = group + "/" + name;
    if (name == "seed_generator") continue;  // what random layers draw next
    if (name == "vars") {
      for (const std::string& number : file.children(inner)) out.push_back(inner + "/" + number);
    } else if (!file.is_dataset(inner)) {
      collect_groups(file, inner, out);
    }
  }
}

std::vector<WeightCopy> read_by_class(const Hdf5File& file, const KerasLayer& model,
                                      const std::string& path) {
  // TensorFlow 2.12's name of what is "layers" since.
  const std::string layers =
      file.has("/_layer_checkpoint_dependencies") ? "_layer_checkpoint_dependencies" : "layers";
  std::vector<WeightCopy> copies;
  Differences differences(path);
  std::vector<std::string> used;
  for (const KerasPlace& place : keras_places(model, layers)) {
    used.push_back(place.object);
    if (!file.has(place.object)) {
      differences.add("has no weight '", place.weight.name, "' (", place.object, ")");
      continue;
    }
    const Tensor from = file.dataset(place.object);
    if (from.shape() != place.weight.value.shape()) {
      differences.add("weight '", place.weight.name, "' (", place.object, ") is ", from.shape(),
                      "; the model wants ", place.weight.value.shape());
    } else {
      copies.push_back({place.weight.value, from});
    }
  }
  std::vector<std::string> there;
  if (file.has("/" + layers)) collect_groups(file, "/" + layers, there);
  std::sort(used.begin(), used.end());
  for (const std::string& object : there)
    if (!std::binary_search(used.begin(), used.end(), object))
      differences.add("has a weight that the model does not have, '", object, "'");
  differences.check();
  return copies;
}

}  // namespace

std::vector<NamedTensor> keras_weights(const KerasLayer& layer) {
  std::vector<NamedTensor> all;
  append(layer, "", true, all);
  append(layer, "", false, all);
  return all;
}

std::vector<WeightCopy> read_weights(const Hdf5File& file, const KerasLayer& model,
                                     const std::string& path) {
  const bool listed = file.has("/model_weights") || file.has_attribute("/", "layer_names") ||
                      file.has_attribute("/", "layer_names0");
  if (listed) return read_by_name(file, model, path);
  const bool by_class = file.has("/layers") || file.has("/_layer_checkpoint_dependencies");
  MIEN_CHECK(by_class, IoError, path, ": holds no weights of Keras");
  return read_by_class(file, model, path);
}

void write_weights_by_name(Hdf5File& file, const KerasLayer& model, const std::string& version) {
  std::vector<std::string> layer_names;
  file.make_group("/model_weights");
  for (const KerasLayer& layer : model.layers) {
    if (model.kind == "Functional" && layer.kind == "Operation") continue;
    layer_names.push_back(layer.name);
    const std::string group = "/model_weights/" + layer.name;
    file.make_group(group);
    std::vector<std::string> names;
    for (const NamedTensor& each : keras_weights(layer)) {
      names.push_back(layer.name + "/" + each.name + ":0");
      file.write_dataset(group + "/" + names.back(), each.value);
    }
    file.write_strings_attribute(group, "weight_names", names);
  }
  file.write_strings_attribute("/model_weights", "layer_names", layer_names);
  file.write_string_attribute("/model_weights", "backend", "tensorflow");
  file.write_string_attribute("/model_weights", "keras_version", version);
}

void write_weights_by_class(Hdf5File& file, const KerasLayer& model) {
  file.make_group("/vars");
  file.make_group("/layers");
  for (const std::string& group : keras_groups(model, "layers")) file.make_group(group);
  for (const KerasPlace& place : keras_places(model, "layers"))
    file.write_dataset(place.object, place.weight.value);
}

void fill(const std::vector<WeightCopy>& copies) {
  for (const WeightCopy& copy : copies) {
    Tensor target = copy.to;
    target.copy_from(copy.from);
  }
}

}  // namespace mien::io
