#include "lib/train/trainer_parts.h"

#include "lib/core/logits.h"
#include "lib/train/device_feed.h"
#include "mien/base/error.h"

namespace mien {

void save_metrics(const MetricList& metrics, State& state) {
  for (const Box<Metric>& metric : metrics) metric->save(state.group(metric->name()));
}

void load_metrics(MetricList& metrics, const State& state) {
  for (const Box<Metric>& metric : metrics) metric->load(state.get_group(metric->name()));
}

void reset_metrics(MetricList& metrics) {
  for (const Box<Metric>& metric : metrics) metric->reset();
}

void save_position(const TrainPosition& position, State& state) {
  state.set("epoch", position.epoch);
  state.set("loss_sum", position.loss_sum.value());
  state.set("samples", position.samples);
  state.set("seconds", position.seconds);
  state.set("stopped", position.stopped);
}

TrainPosition load_position(const State& state) {
  return {.epoch = int(state.get_int("epoch")),
          .loss_sum = LazySum(state.get_double("loss_sum")),
          .samples = state.get_int("samples"),
          .seconds = state.get_double("seconds"),
          .stopped = state.get_int("stopped") != 0};
}

Tensor forward(const nn::Module& model, std::span<const Tensor> inputs, nn::Pass& pass) {
  Tensors entering;
  for (const Tensor& each : inputs) entering.push_back(pass.entering(each));
  const Tensors outputs = model.call(entering, pass);
  MIEN_CHECK(outputs.size() == 1, ValueError, "Trainer: the model must have one output; it has ",
             outputs.size());
  return widened(outputs[0]);
}

nn::Pass TrainerParts::pass(bool training) {
  return {.training = training, .random = &random, .activations = activations};
}

void check_activations(const char* who, const TrainerParts& parts) {
  if (parts.activations == DType::f32) return;
  const Device device = device_of(*parts.model);
  MIEN_CHECK(device != kCpu, DTypeError, who,
             ": activations in bf16 need a CUDA device; the model is on ", device);
}

void TrainerParts::save(State& state) const {
  state.set("format", 1);
  model->save(state.group("model"));
  if (optimizer && optimizer->bound()) optimizer->save(state.group("optimizer"));
  random.save(state.group("random"));
  save_position(position, state.group("position"));
  save_metrics(metrics, state.group("metrics"));
  history.save(state.group("history"));
}

}  // namespace mien
