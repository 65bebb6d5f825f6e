#include "lib/train/evaluation.h"

#include <string>

#include "lib/train/device_feed.h"
#include "lib/train/penalty.h"
#include "mien/autograd.h"
#include "mien/base/error.h"

namespace mien {
namespace {

double penalty_of(const nn::Module& model) {
  const Tensor penalty = penalty_sum(active_penalties(model));
  return penalty.defined() ? penalty.item() : 0;
}

}  // namespace

bool evaluate_epoch(TrainerParts& parts, DataLoader& data, const Evaluation& evaluation,
                    Logs& logs) {
  const NoGradGuard quiet;
  reset_metrics(parts.metrics);
  for (Metric* each : evaluation.also) each->reset();
  LazySum loss_sum;
  DeviceFeed feed(device_of(*parts.model), data);
  std::int64_t samples = 0;
  // The training's own loader may be given: its place is kept.
  const std::int64_t epoch = data.epoch(), first = data.batch();
  data.start(0);
  while (const Batch* batch = feed.next()) {
    nn::Pass pass = parts.pass(false);
    const StepData here = feed.bring(*batch);
    const Tensor predictions = forward(*parts.model, here.inputs, pass);
    loss_sum.add(parts.loss(here.targets, predictions, here.weights), double(batch->size()));
    samples += batch->size();
    for (const Box<Metric>& metric : parts.metrics) metric->update(here.targets, predictions);
    for (Metric* each : evaluation.also) each->update(here.targets, predictions);
    if (evaluation.interrupt && *evaluation.interrupt && (*evaluation.interrupt)()) {
      data.start(epoch, first);
      return false;
    }
  }
  data.start(epoch, first);
  const std::string prefix = evaluation.prefix;
  logs.set(prefix + "loss", loss_sum.value() / double(samples) + penalty_of(*parts.model));
  for (const Box<Metric>& metric : parts.metrics) {
    logs.set(prefix + metric->name(), metric->value());
  }
  return true;
}

}  // namespace mien
