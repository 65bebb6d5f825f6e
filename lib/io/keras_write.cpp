#include "lib/io/keras_write.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "lib/io/keras_layers.h"
#include "lib/io/keras_operations.h"
#include "mien/base/error.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::io {
namespace {

using nn::Graph;

Json batch_shape(const Shape& sample) {
  Json out = Json::array({nullptr});
  for (const std::int64_t size : sample) out.push_back(size);
  return out;
}

// Keras 3 reads the name that Keras 2 has for the shape, too.
Json input_layer(const Shape& sample, const std::string& name, const KerasStyle& style) {
  const Json config = {{style.zip ? "batch_shape" : "batch_input_shape", batch_shape(sample)},
                       {"dtype", "float32"},
                       {"sparse", false},
                       {"ragged", false},
                       {"name", name}};
  if (style.zip) return keras_object("keras.layers", "InputLayer", config);
  return {{"class_name", "InputLayer"}, {"config", config}};
}

class FunctionalWriter {
 public:
  FunctionalWriter(const Graph& graph, const KerasStyle& style)
      : graph_(graph),
        style_(style),
        objects_(style.zip),
        order_(keras_order(graph)),
        places_(graph.calls().size()) {
    std::set<std::string> names;
    for (const KerasOrdered& each : order_) {
      const std::string name = name_of(each);
      const bool model =
          dynamic_cast<const Graph*>(each.layer) || dynamic_cast<const nn::Sequential*>(each.layer);
      objects_ = objects_ || (model && style.generation == KerasGeneration::three);
      MIEN_CHECK(names.insert(name).second, ValueError, "save_model: two layers are named '", name,
                 "'");
      for (std::size_t i = 0; i < each.calls.size(); ++i)
        places_[std::size_t(each.calls[i])] = {name, int(i), each.layer};
    }
  }

  Json config() {
    Json layers = Json::array(), inputs = Json::array(), outputs = Json::array();
    for (const KerasOrdered& each : order_) layers.push_back(entry(each));
    for (std::size_t i = 0; i < graph_.calls().size(); ++i)
      if (!graph_.calls()[i].layer) inputs.push_back(history({int(i), 0}, false));
    for (const Graph::Value& output : graph_.outputs()) outputs.push_back(history(output, true));
    // One alone stands for itself: in a list the model would return a list.
    return {{"name", graph_.name().empty() ? "model" : graph_.name()},
            {"trainable", true},
            {"layers", layers},
            {"input_layers", inputs.size() == 1 ? inputs[0] : inputs},
            {"output_layers", outputs.size() == 1 ? outputs[0] : outputs}};
  }

 private:
  struct Place {
    std::string name{};
    int node = 0;
    const nn::Module* layer = nullptr;
  };

  std::string name_of(const KerasOrdered& each) const {
    return keras_name(
        each.layer ? each.layer->name() : graph_.calls()[std::size_t(each.calls.front())].name,
        style_);
  }

  // ["conv2d", 0, 0]. Keras 2 counts the making of a model inside as its first call; Keras 3 does
  // where it lists a functional model's outputs.
  Json history(const Graph::Value& value, bool as_output) const {
    const Place& place = places_[std::size_t(value.call)];
    const bool functional = dynamic_cast<const Graph*>(place.layer) != nullptr;
    const bool model = functional || dynamic_cast<const nn::Sequential*>(place.layer) != nullptr;
    const bool two = style_.generation == KerasGeneration::two;
    const int first = (two && model) || (!two && functional && as_output) ? 1 : 0;
    return {place.name, place.node + first, value.output};
  }

  Json of_three(const Graph::Value& value) const {
    return {{"class_name", "__keras_tensor__"},
            {"config",
             {{"shape", batch_shape(graph_.shape(value))},
              {"dtype", "float32"},
              {"keras_history", history(value, false)}}}};
  }

  std::vector<Json> tensors(const Graph::Call& call, bool three) const {
    std::vector<Json> out;
    for (const Graph::Value& value : call.inputs)
      out.push_back(three ? of_three(value) : history(value, false));
    return out;
  }

  static bool takes_separate_tensors(const nn::Module& layer) {
    return layer.kind() == "MultiHeadAttention";
  }

  Json node(const nn::Module& layer, const Graph::Call& call) const {
    std::vector<Json> inputs = tensors(call, objects_);
    if (takes_separate_tensors(layer)) {
      if (objects_) return node_of(Json(inputs));
      Json named = {{"value", inputs.at(1)}};
      if (inputs.size() > 2) named["key"] = inputs[2];
      inputs[0].push_back(named);
      return Json::array({inputs[0]});
    }
    return node_of(inputs.size() == 1 || !objects_ ? Json(inputs) : Json::array({Json(inputs)}));
  }

  // A call with these arguments; lists have one for each tensor, with named arguments last.
  Json node_of(Json arguments) const {
    if (objects_) return {{"args", std::move(arguments)}, {"kwargs", Json::object()}};
    for (Json& each : arguments) each.push_back(Json::object());
    return arguments;
  }

  Json operation(const nn::Operation& layer, const Graph::Call& call) const {
    Json plain = style_.zip ? Json() : equivalent_layer(layer);
    if (!plain.is_null()) {
      std::vector<Json> inputs;
      const std::vector<Json> all = tensors(call, objects_);
      for (const nn::Operand& each : operands(layer, call))
        if (each.input >= 0) inputs.push_back(all.at(std::size_t(each.input)));
      const bool list = inputs.size() > 1 && objects_;
      plain["config"]["name"] = keras_name(layer.name(), style_);
      plain["inbound_nodes"] =
          Json::array({node_of(list ? Json::array({Json(inputs)}) : Json(inputs))});
      return plain;
    }
    const bool three = style_.generation == KerasGeneration::three;
    Json out = operation_json(layer, tensors(call, three), style_.generation);
    out["config"]["name"] = keras_name(layer.name(), style_);
    return out;
  }

  static std::vector<nn::Operand> operands(const nn::Operation& layer, const Graph::Call& call) {
    if (!layer.options().operands.empty()) return layer.options().operands;
    std::vector<nn::Operand> all;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) all.push_back({.input = int(i)});
    return all;
  }

  Json entry(const KerasOrdered& each) const {
    const std::string name = name_of(each);
    const Graph::Call& first = graph_.calls()[std::size_t(each.calls.front())];
    Json out;
    if (!each.layer) {
      out = input_layer(first.outputs[0], name, style_);
      out["inbound_nodes"] = Json::array();
    } else if (const auto* function = dynamic_cast<const nn::Operation*>(each.layer)) {
      out = operation(*function, first);
    } else {
      const bool model =
          dynamic_cast<const Graph*>(each.layer) || dynamic_cast<const nn::Sequential*>(each.layer);
      out = model ? keras_model_json(*each.layer, style_)
                  : keras_layer_json(*each.layer,
                                     style_.zip ? KerasGeneration::three : KerasGeneration::two);
      out["config"]["name"] = name;
      Json nodes = Json::array();
      for (const int call : each.calls)
        nodes.push_back(node(*each.layer, graph_.calls()[std::size_t(call)]));
      out["inbound_nodes"] = std::move(nodes);
    }
    out["name"] = name;
    return out;
  }

  const Graph& graph_;
  const KerasStyle& style_;
  // Whether calls are Keras 3's objects. Lists, Keras 2's, are read by both, but not where a model
  // is called: Keras 3 counts its calls otherwise.
  bool objects_;
  std::vector<KerasOrdered> order_;
  std::vector<Place> places_;  // by call
};

Json sequential_config(const nn::Sequential& model, const KerasStyle& style) {
  Json layers = Json::array();
  const std::string first = model.size() > 0 ? model.layer(std::size_t(0)).name() : "layer";
  layers.push_back(input_layer(model.input_shape(), keras_name(first, style) + "_input", style));
  for (std::size_t i = 0; i < model.size(); ++i) {
    const nn::Module& layer = model.layer(i);
    MIEN_CHECK(layer.kind() != "Operation", ValueError, "save_model: '", layer.name(),
               "' is a function, which Keras has in functional models (nn::Graph) alone");
    const bool inside =
        dynamic_cast<const Graph*>(&layer) || dynamic_cast<const nn::Sequential*>(&layer);
    layers.push_back(inside ? keras_model_json(layer, style)
                            : keras_layer_json(layer, style.zip ? KerasGeneration::three
                                                                : KerasGeneration::two));
    layers.back()["config"]["name"] = keras_name(layer.name(), style);
  }
  return {{"name", model.name().empty() ? "sequential" : model.name()}, {"layers", layers}};
}

}  // namespace

std::string keras_name(std::string name, const KerasStyle& style) {
  if (style.generation == KerasGeneration::three) std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

Json keras_model_json(const nn::Module& model, const KerasStyle& style) {
  const auto* sequential = dynamic_cast<const nn::Sequential*>(&model);
  const auto* graph = dynamic_cast<const Graph*>(&model);
  MIEN_CHECK(sequential || graph, ValueError, "save_model: the model must be an nn::Sequential or ",
             "nn::Graph; got ", model.kind());
  if (sequential) {
    Json config = sequential_config(*sequential, style);
    if (style.zip) return keras_object("keras", "Sequential", std::move(config));
    return {{"class_name", "Sequential"}, {"config", std::move(config)}};
  }
  MIEN_CHECK(!graph->outputs().empty(), ValueError,
             "save_model: the graph has no output; name one with output()");
  Json config = FunctionalWriter(*graph, style).config();
  if (!style.zip) return {{"class_name", "Functional"}, {"config", std::move(config)}};
  Json out = keras_object("keras.src.models.functional", "Functional", std::move(config));
  out["registered_name"] = "Functional";
  return out;
}

}  // namespace mien::io
