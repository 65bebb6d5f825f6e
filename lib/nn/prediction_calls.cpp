#include "lib/nn/prediction_calls.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "mien/base/error.h"
#include "mien/nn/graph.h"
#include "mien/nn/sequential.h"

namespace mien::nn {
namespace {

// Layers that give their input itself in inference.
bool trains_only(std::string_view kind) {
  if (kind.substr(0, 6) == "Random") return kind != "RandomCrop";
  constexpr std::string_view kKinds[] = {
      "ActivityRegularization", "AlphaDropout",     "Dropout",          "GaussianDropout",
      "GaussianNoise",          "SpatialDropout1D", "SpatialDropout2D", "StochasticDepth"};
  return std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds);
}

using Value = PredictionPlan::Value;
using Values = PredictionPlan::Values;

class Flattener {
 public:
  explicit Flattener(FlatCalls& flat) : flat_(flat) {}

  Values call(const Module& layer, const Values& inputs) {
    if (const auto* model = dynamic_cast<const Sequential*>(&layer))
      return sequence(*model, inputs);
    if (const auto* model = dynamic_cast<const Graph*>(&layer)) return graph(*model, inputs);
    if (trains_only(layer.kind())) return inputs;
    flat_.calls.push_back({.layer = &layer, .inputs = inputs});
    // A layer with more outputs is no chain's link; those are made in graph().
    return Value{int(flat_.inputs.size() + flat_.calls.size()) - 1, 0};
  }

 private:
  Values sequence(const Sequential& model, const Values& inputs) {
    MIEN_CHECK(model.built(), ValueError,
               "Predictor: model is not built; call model.build() with the shape of one sample");
    Values values = inputs;
    for (std::size_t i = 0; i < model.size(); ++i) values = call(model.layer(i), values);
    return values;
  }

  Values graph(const Graph& model, const Values& inputs) {
    std::vector<Values> results;
    std::size_t next_input = 0;
    const auto at = [&](Graph::Value v) {
      return results[std::size_t(v.call)][std::size_t(v.output)];
    };
    for (const Graph::Call& each : model.calls()) {
      if (!each.layer) {
        results.emplace_back(inputs[next_input++]);
        continue;
      }
      Values arguments;
      for (const Graph::Value& v : each.inputs) arguments.push_back(at(v));
      Values made = call(*each.layer, arguments);
      for (int i = int(made.size()); i < int(each.outputs.size()); ++i)
        made.push_back({made[0].source, i});
      results.push_back(std::move(made));
    }
    Values outputs;
    for (const Graph::Value& v : model.outputs()) outputs.push_back(at(v));
    return outputs;
  }

  FlatCalls& flat_;
};

}  // namespace

FlatCalls flatten(const Module& model) {
  FlatCalls flat;
  if (const auto* graph = dynamic_cast<const Graph*>(&model)) {
    for (const Graph::Call& each : graph->calls())
      if (!each.layer) flat.inputs.push_back(each.outputs[0]);
    MIEN_CHECK(!graph->outputs().empty(), ValueError,
               "Predictor: the graph has no output; name one with output()");
  } else if (const auto* sequence = dynamic_cast<const Sequential*>(&model)) {
    flat.inputs.push_back(sequence->input_shape());
  } else {
    flat.inputs.emplace_back();
  }
  Values inputs;
  for (int i = 0; i < int(flat.inputs.size()); ++i) inputs.push_back({i, 0});
  const Values outputs = Flattener(flat).call(model, inputs);
  flat.outputs.assign(outputs.begin(), outputs.end());
  return flat;
}

}  // namespace mien::nn
