#include "lib/io/keras_places.h"

#include <array>
#include <map>
#include <string_view>

#include "lib/nn/naming.h"
#include "mien/base/error.h"

namespace mien::io {
namespace {

// A layer that keeps weights in objects of its own does not have them in its own group: those whose
// paths in mien begin with the prefix lie in that group. The first that fits counts.
struct Inner {
  std::string_view kind, prefix, group;
};
constexpr Inner kInner[] = {
    {"SimpleRNN", "", "cell"},
    {"LSTM", "", "cell"},
    {"GRU", "", "cell"},
    {"TimeDistributed", "", "layer"},
    {"MultiHeadAttention", "query/", "query_dense"},
    {"MultiHeadAttention", "key/", "key_dense"},
    {"MultiHeadAttention", "value/", "value_dense"},
    {"MultiHeadAttention", "attention_output/", "output_dense"},
    {"Bidirectional", "forward_", "forward_layer"},
    {"Bidirectional", "", "backward_layer"},  // of any name
};

class Collector {
 public:
  explicit Collector(const std::string& layers) : layers_(layers) {}
  std::vector<KerasPlace> places{};
  std::vector<std::string> groups{};

  void model(const KerasLayer& model, const std::string& group, const std::string& path) {
    std::map<std::string, int> counts;
    for (const KerasLayer& layer : model.layers) {
      if (layer.kind == "Operation") continue;  // no layer there
      const std::string base = nn::snake_case(layer.kind);
      const int before = counts[base]++;
      const std::string inner = before > 0 ? concat(group, "/", layers_, "/", base, "_", before)
                                           : concat(group, "/", layers_, "/", base);
      groups.push_back(inner + "/vars");
      const std::string inner_path = path + layer.name + "/";
      if (layer.is_model()) {
        this->model(layer, inner, inner_path);
      } else if (layer.module) {
        this->layer(*layer.module, inner, inner_path);
      }
    }
  }

 private:
  static std::string_view inner_group(std::string_view kind, std::string_view name) {
    for (const Inner& each : kInner)
      if (each.kind == kind && name.substr(0, each.prefix.size()) == each.prefix) return each.group;
    return {};
  }

  void layer(const nn::Module& layer, const std::string& group, const std::string& path) {
    std::map<std::string, int> counts;
    const auto place = [&](const NamedTensor& each) {
      const std::string_view inner = inner_group(layer.kind(), each.name);
      const std::string vars = concat(group, inner.empty() ? "" : "/", inner, "/vars");
      places.push_back(
          {vars + "/" + std::to_string(counts[vars]++), {path + each.name, each.value}});
    };
    for (const NamedTensor& each : layer.own_parameters()) place(each);
    for (const NamedTensor& each : layer.own_buffers()) place(each);
    for (std::size_t i = 0; i < layer.children(); ++i) {
      const nn::Module& child = layer.child_at(i);
      const std::string_view inner = inner_group(layer.kind(), child.name());
      const std::string name = inner.empty() ? child.name() : std::string(inner);
      this->layer(child, group + "/" + name, path + child.name() + "/");
    }
  }

  const std::string& layers_;
};

}  // namespace

std::vector<KerasPlace> keras_places(const KerasLayer& model, const std::string& layers) {
  Collector all(layers);
  all.model(model, "", "");
  return std::move(all.places);
}

std::vector<std::string> keras_groups(const KerasLayer& model, const std::string& layers) {
  Collector all(layers);
  all.model(model, "", "");
  return std::move(all.groups);
}

}  // namespace mien::io
