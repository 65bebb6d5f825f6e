#include "lib/io/keras_read.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "lib/io/keras_calls.h"
#include "lib/io/keras_config.h"
#include "lib/io/keras_operations.h"
#include "mien/base/error.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::io {
namespace {

using nn::Graph;

bool is_model(const std::string& kind) {
  return kind == "Sequential" || kind == "Functional" || kind == "Model";
}

// [null, 48, null, 1] without its batch; open sizes are -1. None where it is no shape.
std::optional<std::vector<std::int64_t>> sample_sizes(const Json& shape) {
  if (!shape.is_array() || shape.empty() || shape.size() > std::size_t(Shape::kMaxRank)) return {};
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool size = shape[i].is_number_integer() && shape[i].get<std::int64_t>() >= 0;
    if (!size && !shape[i].is_null()) return {};
    if (i > 0) out.push_back(size ? shape[i].get<std::int64_t>() : -1);
  }
  return out;
}

class Reader {
 public:
  Reader(const std::string& path, std::vector<std::string>* notes) : path_(path), notes_(notes) {}

  // `given`: shapes of the inputs where they are known already.
  KerasModel model(const Json& json, std::span<const Shape> given) {
    const std::string kind = keras_class(json);
    const Json& config = value_at(json, "config");
    const std::string name = text_at(config, "name");
    const std::string where = path_ + ": model '" + name + "'";
    MIEN_CHECK(is_model(kind), IoError, path_, ": holds a model of class '", kind,
               "'; Sequential and functional models are read");
    KerasModel out =
        kind == "Sequential" ? sequential(config, given, where) : functional(config, given, where);
    out.layers.name = name;
    if (!name.empty()) out.model->set_name(name);
    out.layers.kind = kind == "Sequential" ? kind : "Functional";
    out.layers.module = out.model.get();
    if (value_at(config, "trainable") == false) out.model->freeze();
    return out;
  }

 private:
  Shape input_shape(const Json& shape, const Shape* given, const std::string& where) {
    const auto sizes = sample_sizes(shape);
    if (!sizes) {
      MIEN_CHECK(given && shape.is_null(), IoError, where,
                 " has no input shape that is read: ", shape.dump(),
                 "; give it with LoadOptions::input_shapes");
      return *given;
    }
    if (!given) {
      MIEN_CHECK(std::find(sizes->begin(), sizes->end(), -1) == sizes->end(), IoError, where,
                 " leaves sizes of its input open: ", shape.dump(),
                 "; give them with LoadOptions::input_shapes");
      return Shape(std::span<const std::int64_t>(*sizes));
    }
    bool fits = given->rank() == int(sizes->size());
    for (int i = 0; fits && i < given->rank(); ++i)
      fits = (*sizes)[std::size_t(i)] < 0 || (*sizes)[std::size_t(i)] == (*given)[i];
    MIEN_CHECK(fits, IoError, where, " takes inputs of ", shape.dump(), "; ", *given,
               " does not fit");
    return *given;
  }

  // Of an InputLayer or of a first layer.
  static const Json& declared_shape(const Json& layer) {
    const Json& config = value_at(layer, "config");
    for (const char* key : {"batch_shape", "batch_input_shape"})
      if (!value_at(config, key).is_null()) return value_at(config, key);
    return value_at(config, "nothing");
  }

  static KerasLayer listed(const nn::Module& layer) {
    return {.name = layer.name(), .kind = std::string(layer.kind()), .module = &layer};
  }

  // A layer or a model, for inputs of these shapes.
  KerasModel part(const Json& entry, std::span<const Shape> shapes) {
    if (is_model(keras_class(entry))) return model(entry, shapes);
    KerasModel out{.model = keras_layer(entry, path_, notes_)};
    out.layers = listed(*out.model);
    out.layers.kind = keras_class(entry);
    return out;
  }

  template <class F>
  auto named(const std::string& name, F f) {
    try {
      return f();
    } catch (const IoError&) {
      throw;
    } catch (const Error& error) {
      throw IoError(concat(path_, ": layer '", name, "': ", error.what()));
    }
  }

  KerasModel sequential(const Json& config, std::span<const Shape> given,
                        const std::string& where) {
    const Json& layers = config.is_array() ? config : value_at(config, "layers");
    MIEN_CHECK(layers.is_array(), IoError, where, " lists no layers");
    const Json* shape = nullptr;
    for (const Json& entry : layers) {
      if (&entry == &layers.front() && !declared_shape(entry).is_null())
        shape = &declared_shape(entry);
    }
    if (!shape) shape = &value_at(config, "build_input_shape");
    MIEN_CHECK(given.size() <= 1, IoError, where, " takes one input; got ", given.size());
    Shape at = input_shape(*shape, given.empty() ? nullptr : &given[0], where);
    const Shape input = at;
    auto model = std::make_unique<nn::Sequential>();
    KerasModel out;
    for (const Json& entry : layers) {
      MIEN_CHECK(entry.is_object(), IoError, where, ": a layer is not described by class_name ",
                 "and config");
      const std::string kind = keras_class(entry);
      if (kind == "InputLayer") continue;
      MIEN_CHECK(!is_operation(entry), IoError, where, ": a function is no layer of a Sequential");
      KerasModel next = part(entry, {&at, 1});
      named(next.model->name(), [&] {
        const Shapes made = next.model->build(std::span<const Shape>(&at, 1));
        MIEN_CHECK(made.size() == 1, IoError, where, ": layer '", next.model->name(),
                   "' has several outputs");
        at = made[0];
        model->add(std::move(next.model));
      });
      // Without a name of its own it has one now.
      next.layers.name = next.layers.module->name();
      out.layers.layers.push_back(std::move(next.layers));
    }
    named(text_at(config, "name"), [&] { model->build(input); });
    out.model = std::move(model);
    return out;
  }

  struct Entry {
    std::string name{};
    const Json* json = nullptr;
    std::vector<KerasCall> calls{};
    std::size_t done = 0;
    bool input = false;
    int first_node = 0;  // what its first call is counted as
    nn::Module* module = nullptr;
    std::vector<Graph::Values> results{};
    KerasLayer layers{};
  };

  std::vector<Entry> entries_of(const Json& config, const std::string& where) {
    std::vector<Entry> out;
    const Json& layers = value_at(config, "layers");
    MIEN_CHECK(layers.is_array(), IoError, where, " lists no layers");
    for (const Json& json : layers) {
      Entry entry{.name = text_at(json, "name"), .json = &json};
      if (entry.name.empty()) entry.name = text_at(value_at(json, "config"), "name");
      MIEN_CHECK(!entry.name.empty() && !keras_class(json).empty(), IoError, where,
                 ": a layer is not described by name, class_name and config");
      entry.input = keras_class(json) == "InputLayer";
      const Json& nodes = value_at(json, "inbound_nodes");
      MIEN_CHECK(entry.input || nodes.is_array(), IoError, path_, ": layer '", entry.name,
                 "' has no calls");
      if (!entry.input) {
        // TensorFlow's functions have their only call without a list around it, at times.
        for (const Json& node : nodes)
          entry.calls.push_back(keras_call(node, path_ + ": layer '" + entry.name + "'"));
        // Keras 2 counts a model's own making as its first call.
        const Json& inner = value_at(value_at(json, "config"), "layers");
        if (is_model(keras_class(json)) && !nodes.empty() && nodes[0].is_array() &&
            inner.is_array() && !inner.empty() && keras_class(inner[0]) == "InputLayer")
          entry.first_node = 1;
      }
      out.push_back(std::move(entry));
    }
    return out;
  }

  KerasModel functional(const Json& config, std::span<const Shape> given,
                        const std::string& where) {
    std::vector<Entry> entries = entries_of(config, where);
    std::map<std::string, Entry*, std::less<>> by_name;
    for (Entry& entry : entries)
      MIEN_CHECK(by_name.emplace(entry.name, &entry).second, IoError, where, ": two layers are ",
                 "named '", entry.name, "'");
    const auto entry_of = [&](const KerasTensor& tensor) -> Entry& {
      const auto found = by_name.find(tensor.layer);
      MIEN_CHECK(found != by_name.end(), IoError, where, " refers to a layer '", tensor.layer,
                 "' that it does not have");
      return *found->second;
    };
    const auto result = [&](const KerasTensor& tensor, int offset) -> std::optional<Graph::Value> {
      const Entry& entry = entry_of(tensor);
      const std::int64_t node = tensor.node - offset;
      if (node < 0 || std::size_t(node) >= entry.results.size()) return {};
      const Graph::Values& outputs = entry.results[std::size_t(node)];
      if (tensor.output < 0 || std::size_t(tensor.output) >= outputs.size()) return {};
      return outputs[std::size_t(tensor.output)];
    };

    Graph graph;
    const std::vector<KerasTensor> inputs = keras_tensors(value_at(config, "input_layers"), where);
    MIEN_CHECK(given.empty() || given.size() == inputs.size(), IoError, where, " has ",
               inputs.size(), " inputs; got ", given.size(), " shapes");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Entry& entry = entry_of(inputs[i]);
      MIEN_CHECK(entry.input && entry.results.empty(), IoError, where, ": '", entry.name,
                 "' is no InputLayer");
      const Shape shape =
          input_shape(declared_shape(*entry.json), given.empty() ? nullptr : &given[i],
                      path_ + ": input '" + entry.name + "'");
      entry.results.push_back(named(entry.name, [&] { return graph.input(shape, entry.name); }));
    }

    // As Keras does: calls wait until their inputs are there.
    for (bool more = true; more;) {
      more = false;
      bool moved = false;
      for (Entry& entry : entries) {
        while (entry.done < entry.calls.size()) {
          const KerasCall& call = entry.calls[entry.done];
          Graph::Values values;
          for (const KerasTensor& tensor : call.inputs) {
            const auto value = result(tensor, entry_of(tensor).first_node);
            if (!value) break;
            values.push_back(*value);
          }
          if (values.size() < call.inputs.size()) break;
          entry.results.push_back(make_call(graph, entry, call, values));
          ++entry.done;
          moved = true;
        }
        more = more || entry.done < entry.calls.size();
      }
      MIEN_CHECK(!more || moved, IoError, where, " has calls whose inputs never come: its graph ",
                 "has a cycle or lacks an input");
    }

    for (const KerasTensor& tensor : keras_tensors(value_at(config, "output_layers"), where)) {
      Entry& entry = entry_of(tensor);
      // Both generations count from a model's own making here.
      const bool functional_inside =
          is_model(keras_class(*entry.json)) && keras_class(*entry.json) != "Sequential";
      const int offset = entry.first_node > 0 || (functional_inside && tensor.node > 0) ? 1 : 0;
      const auto value = result(tensor, offset);
      MIEN_CHECK(value, IoError, where, ": its output '", tensor.layer, "' is never made");
      graph.output(*value);
    }
    KerasModel out;
    for (Entry& entry : entries) {
      if (entry.input) entry.layers = {.name = entry.name, .kind = "InputLayer"};
      if (!entry.input && !entry.module) continue;
      out.layers.layers.push_back(std::move(entry.layers));
    }
    out.model = std::make_unique<Graph>(std::move(graph));
    return out;
  }

  Graph::Values make_call(Graph& graph, Entry& entry, const KerasCall& call,
                          const Graph::Values& values) {
    const std::string where = path_ + ": layer '" + entry.name + "'";
    if (!entry.module) {
      KerasModel made;
      if (is_operation(*entry.json)) {
        made.model = std::make_unique<nn::Operation>(
            named(entry.name, [&] { return operation_from(*entry.json, call, where); }));
        made.layers = listed(*made.model);
      } else {
        Shapes shapes;
        for (const Graph::Value& value : values) shapes.push_back(graph.shape(value));
        made = part(*entry.json, shapes);
      }
      made.model->set_name(entry.name);
      made.layers.name = entry.name;
      named(entry.name, [&] { entry.module = &graph.own(std::move(made.model)); });
      entry.layers = std::move(made.layers);
      entry.layers.module = entry.module;
    } else {
      MIEN_CHECK(!is_operation(*entry.json), IoError, where, ": a function is called twice");
    }
    if (!is_operation(*entry.json)) check_arguments(call, where);
    return named(entry.name, [&] { return graph.call_all(*entry.module, values); });
  }

  // Beside tensors a call has nothing that changes what it computes.
  void check_arguments(const KerasCall& call, const std::string& where) {
    for (const auto& [key, value] : call.named.items()) {
      const bool harmless = value.is_null() || value == false || input_place(value) >= 0;
      MIEN_CHECK(harmless, IoError, where, " is called with ", key, " = ", value.dump(),
                 ", which is not read");
    }
    const auto tensors = [](const auto& self, const Json& value) -> bool {
      if (input_place(value) >= 0) return true;
      return value.is_array() && std::all_of(value.begin(), value.end(),
                                             [&](const Json& each) { return self(self, each); });
    };
    for (const Json& each : call.arguments)
      MIEN_CHECK(each.is_null() || tensors(tensors, each), IoError, where, " is called with ",
                 each.dump(), ", which is not read");
  }

  const std::string& path_;
  std::vector<std::string>* notes_;
};

}  // namespace

KerasModel read_keras_model(const Json& json, const std::string& path, const LoadOptions& options) {
  try {
    return Reader(path, options.notes).model(json, options.input_shapes);
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {
    throw IoError(path + ": " + error.what());
  } catch (
      const std::exception& error) {  // of a size beyond all memory, of a value of a wrong type
    throw IoError(path + ": its model cannot be made: " + error.what());
  }
}

}  // namespace mien::io
