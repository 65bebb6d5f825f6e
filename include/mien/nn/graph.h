#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mien/nn/fusion.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// A network of any form without cycles: layers, and the calls that connect them. Keras's
/// functional API.
/// ```cpp
/// nn::Graph g;
/// const auto x = g.input({48, 48, 16});
/// auto y = g.add(nn::Conv2D(16, {3, 3}, {.padding = nn::same}), x);
/// y = g.add(nn::Add(), {x, y});                    // a residual connection
/// nn::Module& tower = g.own(nn::Conv2D(8, {3, 3}));  // two calls of one layer share its weights
/// g.output(g.add(nn::Concatenate(), {g.call(tower, {x}), g.call(tower, {y})}));
/// Tensor out = g(Tensor::ones({1, 48, 48, 16}));   // one input, one output: [1, 46, 46, 16]
/// ```
/// Layers are built as they are called, since shapes are known.
class Graph : public Module {
 public:
  /// An input, or one output of a call.
  struct Value {
    int call = -1;
    int output = 0;
  };
  using Values = Few<Value, 4>;

  Graph() = default;

  /// A new input of this shape (without batch). Its name is "input_layer", "input_layer_1", ...
  /// where none is given.
  Value input(const Shape& shape, std::string name = {});
  /// Takes a layer in, to be called with call().
  template <std::derived_from<Module> M>
  M& own(M layer) {
    return child("", std::move(layer));
  }
  Module& own(std::unique_ptr<Module> layer) {
    adopt("", std::move(layer));
    return child_at(children() - 1);
  }
  /// Calls a layer that this graph owns; all its outputs. Throws ValueError for a foreign layer or
  /// value, and as the layer's build().
  Values call_all(Module& owned, std::span<const Value> inputs);
  /// Its first output.
  Value call(Module& owned, std::initializer_list<Value> inputs);
  /// Takes a layer in and calls it; where that throws, the graph stays as it was.
  template <std::derived_from<Module> M>
  Value add(M layer, std::initializer_list<Value> inputs) {
    return add_owned(std::make_unique<M>(std::move(layer)), {inputs.begin(), inputs.size()});
  }
  template <std::derived_from<Module> M>
  Value add(M layer, Value input) {
    return add_owned(std::make_unique<M>(std::move(layer)), {&input, 1});
  }
  /// Makes a value one of the graph's outputs, in this order.
  void output(Value value);
  /// Shape of a value, without batch.
  const Shape& shape(Value value) const;

  /// Throws ValueError for another number of inputs, ShapeError where one does not fit.
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  Shapes build(std::span<const Shape> in) override;
  /// Inference with one input, giving the first output.
  Tensor operator()(const Tensor& x) const;

  std::string_view kind() const override { return "Graph"; }
  Config config() const override;
  /// A graph from its config().
  static Graph from(const Config& config);

  /// One call as summary() shows it; layer is null for an input.
  struct Call {
    const Module* layer = nullptr;
    std::string name{};  // of an input
    Values inputs{};
    Shapes outputs{};  // without batch
    bool is_output = false;
  };
  /// In the order they were made.
  const std::vector<Call>& calls() const { return calls_; }
  /// Whether a call's result is never made, since it is computed together with a later one.
  bool passes_through(std::size_t call) const;
  /// The graph's outputs, in the order of output().
  const std::vector<Value>& outputs() const { return outputs_; }

  /// What belongs to the model besides its weights and is saved with it.
  Config& metadata() { return metadata_; }
  const Config& metadata() const { return metadata_; }

 private:
  void check(Value value) const;
  Shapes shapes_of(std::span<const Value> values) const;
  Value add_owned(std::unique_ptr<Module> layer, std::span<const Value> inputs);
  Values record(const Module& layer, std::span<const Value> inputs, Shapes outputs);

  // Calls that are done together, at the place of the last one.
  struct Fused {
    FusedLayers layers{};
    int first = -1, last = -1;
    Value input{}, residual{};
  };
  // What is known of a call once outputs are.
  struct Planned {
    int fusion = -1;             // the one that it is part of
    int norm = -1;               // the one that takes its result
    std::vector<int> release{};  // calls whose results are needed no more after it
  };
  void plan();
  void find_fusion(int first);
  int only_user(int call) const;

  std::vector<Call> calls_;
  std::vector<Planned> plan_;
  std::vector<Fused> fusions_;
  std::vector<int> inputs_;
  std::vector<Value> outputs_;
  Config metadata_;
};

}  // namespace mien::nn
