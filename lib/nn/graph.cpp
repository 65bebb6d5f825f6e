#include "mien/nn/graph.h"

#include <algorithm>

#include "lib/nn/fusion.h"
#include "lib/nn/naming.h"
#include "mien/base/error.h"
#include "mien/base/pool.h"
#include "mien/nn/registry.h"

namespace mien::nn {
namespace {

// Values as [call, output, call, output, ...].
Config::Ints pairs_of(std::span<const Graph::Value> values) {
  Config::Ints out;
  for (const Graph::Value& value : values) {
    out.push_back(value.call);
    out.push_back(value.output);
  }
  return out;
}

Graph::Values values_from(const Config::Ints& pairs) {
  MIEN_CHECK(pairs.size() % 2 == 0, ValueError, "Graph: a list of values is damaged");
  Graph::Values out;
  for (std::size_t i = 0; i < pairs.size(); i += 2)
    out.push_back({int(pairs[i]), int(pairs[i + 1])});
  return out;
}

}  // namespace

void Graph::check(Value value) const {
  const bool known = value.call >= 0 && std::size_t(value.call) < calls_.size() &&
                     value.output >= 0 &&
                     std::size_t(value.output) < calls_[std::size_t(value.call)].outputs.size();
  MIEN_CHECK(known, ValueError, "Graph: a value is not of this graph");
}

Graph::Value Graph::input(const Shape& shape, std::string name) {
  const auto taken = [this](std::string_view wanted) {
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [&](int call) { return calls_[std::size_t(call)].name == wanted; });
  };
  MIEN_CHECK(!taken(name), ValueError, "Graph: the input name '", name, "' is given twice");
  if (name.empty()) name = unique_name("input_layer", taken);
  inputs_.push_back(int(calls_.size()));
  calls_.push_back({.name = std::move(name), .outputs = shape});
  return {inputs_.back(), 0};
}

Shapes Graph::shapes_of(std::span<const Value> values) const {
  Shapes shapes;
  for (const Value& value : values) shapes.push_back(shape(value));
  return shapes;
}

Graph::Values Graph::record(const Module& layer, std::span<const Value> inputs, Shapes outputs) {
  const int call = int(calls_.size());
  Values values;
  for (std::size_t i = 0; i < outputs.size(); ++i) values.push_back({call, int(i)});
  calls_.push_back({.layer = &layer, .inputs = Values(inputs), .outputs = std::move(outputs)});
  if (!outputs_.empty()) plan();
  return values;
}

Graph::Values Graph::call_all(Module& owned, std::span<const Value> inputs) {
  bool mine = false;
  for (std::size_t i = 0; i < children(); ++i) mine = mine || &child_at(i) == &owned;
  MIEN_CHECK(mine, ValueError, "Graph: layer '", owned.name(),
             "' is not of this graph; take it in with own()");
  const Shapes shapes = shapes_of(inputs);
  return record(owned, inputs, with_layer_name(owned, [&] { return owned.build(shapes); }));
}

Graph::Value Graph::add_owned(std::unique_ptr<Module> layer, std::span<const Value> inputs) {
  Shapes outputs = layer->build(shapes_of(inputs));
  const Module& owned = *layer;
  adopt("", std::move(layer));
  return record(owned, inputs, std::move(outputs))[0];
}

Graph::Value Graph::call(Module& owned, std::initializer_list<Value> inputs) {
  return call_all(owned, std::span<const Value>(inputs.begin(), inputs.size()))[0];
}

void Graph::output(Value value) {
  check(value);
  outputs_.push_back(value);
  calls_[std::size_t(value.call)].is_output = true;
  plan();
}

const Shape& Graph::shape(Value value) const {
  check(value);
  return calls_[std::size_t(value.call)].outputs[std::size_t(value.output)];
}

Shapes Graph::build(std::span<const Shape> in) {
  MIEN_CHECK(in.size() == inputs_.size(), ValueError, "Graph: has ", inputs_.size(),
             " inputs; got ", in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Call& input = calls_[std::size_t(inputs_[i])];
    MIEN_CHECK(input.outputs[0] == in[i], ShapeError, "Graph: input '", input.name, "' is ",
               input.outputs[0], "; got ", in[i]);
  }
  Shapes out;
  for (const Value& value : outputs_) out.push_back(shape(value));
  return out;
}

Tensors Graph::call(std::span<const Tensor> in, Pass& pass) const {
  MIEN_CHECK(in.size() == inputs_.size(), ValueError, "Graph: has ", inputs_.size(),
             " inputs; got ", in.size());
  MIEN_CHECK(!outputs_.empty(), ValueError, "Graph: has no output; name one with output()");
  std::vector<Tensors, PoolAllocator<Tensors>> results(calls_.size());
  const auto at = [&results](Value value) -> const Tensor& {
    return results[std::size_t(value.call)][std::size_t(value.output)];
  };
  std::size_t next_input = 0;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Call& call = calls_[i];
    const Fused* together =
        fused() && plan_[i].fusion >= 0 ? &fusions_[std::size_t(plan_[i].fusion)] : nullptr;
    if (together && together->last != int(i)) continue;
    if (!call.layer) {
      const Tensor& x = in[next_input++];
      MIEN_CHECK(x.rank() >= 1 && x.shape().slice(1) == call.outputs[0], ShapeError,
                 "Graph: input '", call.name, "' takes [N, ...] with ", call.outputs[0],
                 " each; got ", x.shape());
      results[i] = pass.entering(x);
      continue;
    }
    if (together) {
      const FusedLayers& layers = together->layers;
      results[i] = with_layer_name(*calls_[std::size_t(together->first)].layer, [&] {
        const Tensor residual = layers.add ? at(together->residual) : Tensor();
        return run_fused(layers, at(together->input), residual, pass);
      });
    } else {
      Tensors arguments;
      for (const Value& value : call.inputs) arguments.push_back(at(value));
      const BatchNormalization* norm = fused() && plan_[i].norm >= 0
                                           ? fusions_[std::size_t(plan_[i].norm)].layers.norm
                                           : nullptr;
      results[i] = with_layer_name(*call.layer,
                                   [&] { return run_before(norm, *call.layer, arguments, pass); });
    }
    for (const int source : plan_[i].release) results[std::size_t(source)].clear();
  }
  Tensors out;
  for (const Value& value : outputs_) out.push_back(at(value));
  return out;
}

Tensor Graph::operator()(const Tensor& x) const {
  Pass inference;
  return call(std::span<const Tensor>(&x, 1), inference)[0];
}

Config Graph::config() const {
  Config::List layers, calls;
  for (std::size_t i = 0; i < children(); ++i) layers.push_back(layer_config(child_at(i)));
  for (const Call& call : calls_) {
    Config entry;
    if (!call.layer) {
      entry.set("input", call.name)
          .set("shape", Config::Ints(call.outputs[0].begin(), call.outputs[0].end()));
    } else {
      entry.set("layer", call.layer->name()).set("inputs", pairs_of(call.inputs));
    }
    calls.push_back(std::move(entry));
  }
  return Config()
      .set("layers", std::move(layers))
      .set("calls", std::move(calls))
      .set("outputs", pairs_of(outputs_));
}

Graph Graph::from(const Config& config) {
  Graph graph;
  for (const Config& layer : config.get_list("layers")) graph.adopt("", make_layer(layer));
  for (const Config& call : config.get_list("calls")) {
    if (call.has("input")) {
      const Config::Ints dims = call.get_ints("shape", {});
      graph.input(Shape(std::span<const std::int64_t>(dims)), call.get_string("input", ""));
      continue;
    }
    const std::string name = call.get_string("layer", "");
    Module* layer = nullptr;
    for (std::size_t i = 0; i < graph.children(); ++i)
      if (graph.child_at(i).name() == name) layer = &graph.child_at(i);
    MIEN_CHECK(layer, ValueError, "Graph: no layer '", name, "'");
    graph.call_all(*layer, values_from(call.get_ints("inputs", {})));
  }
  for (const Value& value : values_from(config.get_ints("outputs", {}))) graph.output(value);
  return graph;
}

}  // namespace mien::nn
