#pragma once

#include <cstdint>
#include <optional>

#include "mien/random.h"
#include "mien/train/lazy_sum.h"
#include "mien/train/trainer.h"

namespace mien {

/// Where a training is, besides the loader's own position.
struct TrainPosition {
  int epoch = 0;             // from 0: the one that is done next or goes on
  LazySum loss_sum{};        // of this epoch so far,
  std::int64_t samples = 0;  // over so many samples
  double seconds = 0;        // of this epoch, before it was interrupted
  bool stopped = false;      // a callback ended the training
};

/// What a Trainer consists of.
struct TrainerParts {
  nn::Module* model = nullptr;
  Box<optim::Optimizer> optimizer;
  Loss loss;
  MetricList metrics;
  std::uint64_t seed = 0;
  Generator random;
  DType activations = DType::f32;

  TrainPosition position;
  History history;
  bool interrupted = false;
  State loader, callbacks;           // as the last fit() left them
  std::optional<State> resume;       // what load() keeps for the next fit()
  Callable<void(State&)> save_live;  // while fit() runs

  nn::Pass pass(bool training);
  /// All but loader and callbacks.
  void save(State& state) const;
};

void save_metrics(const MetricList& metrics, State& state);
void load_metrics(MetricList& metrics, const State& state);
void reset_metrics(MetricList& metrics);

void save_position(const TrainPosition& position, State& state);
TrainPosition load_position(const State& state);

/// Throws DTypeError where the model's device does not compute with such activations.
void check_activations(const char* who, const TrainerParts& parts);

/// The model's one output, never bf16. Throws ValueError where it has several.
Tensor forward(const nn::Module& model, std::span<const Tensor> inputs, nn::Pass& pass);

}  // namespace mien
