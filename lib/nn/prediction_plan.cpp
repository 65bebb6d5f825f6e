#include "lib/nn/prediction_plan.h"

#include "lib/nn/layer_config.h"
#include "lib/nn/naming.h"
#include "lib/nn/prediction_calls.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/nn/normalization.h"

namespace mien::nn {
namespace {

using Value = PredictionPlan::Value;

// A copy, so that the plan stays what it is.
Tensor own_parameter(const Module& layer, std::string_view name) {
  for (const NamedTensor& each : layer.own_parameters())
    if (each.name == name) return each.value.detach().clone();
  return {};
}

// relu as a layer of its own, in one of its two spellings.
bool is_relu(const Module& layer) {
  const Config config = layer.config();
  if (layer.kind() == "Activation") return act_from(config) == Act::relu;
  return layer.kind() == "ReLU" && !config.has("max_value") &&
         config.get_double("negative_slope", 0) == 0 && config.get_double("threshold", 0) == 0;
}

// Finds what follows a call and can be done in its step.
class Fuser {
 public:
  explicit Fuser(const FlatCalls& flat)
      : flat_(flat), inputs_(int(flat.inputs.size())), next_(flat.calls.size(), -1) {
    // A value that is used once, and by a call with one input, has a next call.
    std::vector<int> uses(flat.calls.size(), 0);
    for (std::size_t i = 0; i < flat.calls.size(); ++i)
      for (const Value& value : flat.calls[i].inputs)
        if (value.source >= inputs_) {
          ++uses[at(value)];
          next_[at(value)] = flat.calls[i].inputs.size() == 1 ? int(i) : -1;
        }
    for (const Value& value : flat.outputs)
      if (value.source >= inputs_) ++uses[at(value)];
    for (std::size_t i = 0; i < uses.size(); ++i)
      if (uses[i] != 1) next_[i] = -1;
  }

  // The step that begins with call i; `last` becomes the call whose value it gives.
  std::unique_ptr<PredictionStep> step(int i, int& last) const {
    last = i;
    const Module& layer = *flat_.calls[std::size_t(i)].layer;
    const bool conv = layer.kind() == "Conv2D";
    if (!conv && layer.kind() != "Dense") return module_step(layer);
    const Config config = layer.config();
    FoldedWeight weight{own_parameter(layer, "kernel"), own_parameter(layer, "bias")};
    Act act = act_from(config);
    const auto following = [&](auto fits) {
      const int next = next_[std::size_t(last)];
      if (next < 0 || !fits(*flat_.calls[std::size_t(next)].layer)) return (const Module*)nullptr;
      last = next;
      return flat_.calls[std::size_t(next)].layer;
    };
    if (act == Act::none) {
      const auto norm = [](const Module& m) {
        const auto* found = dynamic_cast<const BatchNormalization*>(&m);
        return found && found->channels_last();
      };
      if (const Module* found = following(norm)) weight.fold(*found);
      if (following(is_relu)) act = Act::relu;
    }
    if (!conv) return dense_step(std::move(weight), act);
    std::optional<Pool2dOptions> pool;
    const auto max_pool = [](const Module& m) { return m.kind() == "MaxPooling2D"; };
    if (const Module* found = following(max_pool)) {
      const Config options = found->config();
      pool = Pool2dOptions{.size = pair_from(options, "pool_size", {2, 2}),
                           .stride = pair_from(options, "strides", {2, 2}),
                           .padding = padding_from(options)};
    }
    return conv_step(std::move(weight),
                     {.stride = pair_from(config, "strides", {1, 1}),
                      .dilation = pair_from(config, "dilation_rate", {1, 1}),
                      .groups = int(config.get_int("groups", 1)),
                      .padding = padding_from(config)},
                     act, pool);
  }

  int next(int i) const { return next_[std::size_t(i)]; }

 private:
  std::size_t at(const Value& value) const { return std::size_t(value.source - inputs_); }

  const FlatCalls& flat_;
  int inputs_;
  std::vector<int> next_;
};

}  // namespace

PredictionPlan::PredictionPlan(const Module& model) {
  const NoGradGuard quiet;
  const FlatCalls flat = flatten(model);
  inputs_ = int(flat.inputs.size());
  input_shapes_ = flat.inputs;
  const Fuser fuser(flat);
  // From the sources of the flat network to those of the plan.
  std::vector<int> source(flat.inputs.size() + flat.calls.size(), -1);
  for (int i = 0; i < inputs_; ++i) source[std::size_t(i)] = i;
  const auto planned = [&](Value value) {
    return Value{source[std::size_t(value.source)], value.output};
  };
  for (int i = 0; i < int(flat.calls.size()); ++i) {
    const auto flat_source = std::size_t(inputs_ + i);
    if (source[flat_source] >= 0) continue;  // done by an earlier step
    int last = i;
    Planned next{.step = fuser.step(i, last), .inputs = {}};
    for (const Value& value : flat.calls[std::size_t(i)].inputs)
      next.inputs.push_back(planned(value));
    steps_.push_back(std::move(next));
    // Calls between i and last have no other use; they only must not be planned again.
    for (int k = i;;) {
      source[std::size_t(inputs_ + k)] = inputs_ + int(steps_.size()) - 1;
      if (k == last) break;
      k = fuser.next(k);
    }
  }
  last_use_.assign(std::size_t(inputs_) + steps_.size(), 0);
  for (std::size_t i = 0; i < steps_.size(); ++i)
    for (const Value& value : steps_[i].inputs) last_use_[std::size_t(value.source)] = int(i);
  for (const Value& value : flat.outputs) {
    outputs_.push_back(planned(value));
    last_use_[std::size_t(outputs_.back().source)] = -1;
  }
}

std::unique_ptr<PredictionPlan::Workspace> PredictionPlan::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto workspace = std::move(free_.back());
      free_.pop_back();
      return workspace;
    }
  }
  auto workspace = std::make_unique<Workspace>();
  workspace->results.resize(last_use_.size());
  return workspace;
}

Tensors PredictionPlan::run(std::span<const Tensor> in) const {
  MIEN_CHECK(int(in.size()) == inputs_, ValueError, "Predictor: the model has ", inputs_,
             " inputs; got ", in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    MIEN_CHECK(input_shapes_[i].rank() == 0 || (in[i].rank() == input_shapes_[i].rank() + 1 &&
                                                in[i].shape().slice(1) == input_shapes_[i]),
               ShapeError, "Predictor: the model takes [N, ...] with ", input_shapes_[i],
               " each; got ", in[i].shape());
  const NoGradGuard quiet;
  std::unique_ptr<Workspace> workspace = take();
  std::vector<Tensors>& results = workspace->results;
  for (std::size_t i = 0; i < in.size(); ++i) results[i] = in[i];
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    Tensors arguments;
    for (const Value& value : steps_[i].inputs)
      arguments.push_back(results[std::size_t(value.source)][std::size_t(value.output)]);
    results[std::size_t(inputs_) + i] = steps_[i].step->run(arguments);
    for (const Value& value : steps_[i].inputs)
      if (last_use_[std::size_t(value.source)] == int(i))
        results[std::size_t(value.source)].clear();
  }
  Tensors out;
  for (const Value& value : outputs_)
    out.push_back(results[std::size_t(value.source)][std::size_t(value.output)]);
  for (Tensors& each : results) each.clear();
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(workspace));
  return out;
}

std::string PredictionPlan::str() const {
  std::string out;
  for (const Planned& each : steps_) out += each.step->str() + "\n";
  return out;
}

}  // namespace mien::nn
