#include "lib/train/trainer_parts.h"

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
  const Tensors outputs = model.call(inputs, pass);
  MIEN_CHECK(outputs.size() == 1, ValueError, "Trainer: the model must have one output; it has ",
             outputs.size());
  return outputs[0];
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
