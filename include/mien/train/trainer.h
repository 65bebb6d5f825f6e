#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mien/base/box.h"
#include "mien/base/callable.h"
#include "mien/nn/module.h"
#include "mien/optim/optimizer.h"
#include "mien/train/callback.h"
#include "mien/train/history.h"
#include "mien/train/loss.h"
#include "mien/train/metric.h"

namespace mien {

class DataLoader;

/// What Keras's compile() is told.
struct TrainerOptions {
  Box<optim::Optimizer> optimizer{};    // needed to fit
  Loss loss{};                          // needed to fit and evaluate
  MetricList metrics{"accuracy"};       // logged beside the loss
  std::optional<std::uint64_t> seed{};  // of dropout; where unset, default_generator() gives it
  DType activations = DType::f32;       // or bf16, on a CUDA device; see nn::Pass
};

/// Whether a training step on a device is captured as a graph and replayed: see FitOptions::graph.
enum class StepGraph : std::uint8_t { automatic, on, off };

/// What Keras's fit() is told.
struct FitOptions {
  int epochs = 1;                    // in all, those before a resumption included
  DataLoader* validation = nullptr;  // evaluated after each epoch, in the epoch's own order
  BoxList<Callback> callbacks{};     // called in this order; a ProgressBar is added as the last
  /// What a sample of a class counts in the loss, 1 where the class is not named; the class is its
  /// number or its target's largest value. Validation is not weighted.
  std::vector<std::pair<std::int64_t, double>> class_weight{};
  int verbose = 1;  // of the progress bar: 0 nothing, 1 a bar, 2 one line an epoch
  /// Asked after each batch: true interrupts, so that a later fit() can go on there.
  Callable<bool()> interrupt{};
  Output output{};
  /// On a device: how often the logs of the running epoch are read at most, in seconds, since
  /// reading waits for the device. on_batch_end() gets the last ones read; those of the epoch's
  /// first batch and of its end are always read.
  double log_seconds = 0.25;
  /// On a device: after two steps of the same shapes the next one is captured as a graph, which is
  /// then replayed. automatic: where all layers are mien's own and the loss is replayable(), so
  /// that each step surely does the same; on: also with layers and losses of one's own, which must
  /// then do the same at every step. Off where kernels_wait() or a profile is made, and where a
  /// step cannot be captured, as one that reads a value. The results are the same bits.
  StepGraph graph = StepGraph::automatic;
  // For fit(x, y) only:
  std::optional<int> batch_size{};  // 32
  bool shuffle = true;              // another order in each epoch
  double validation_split = 0;      // this last part of x and y is for validation, as in Keras
};

/// What evaluate() is told.
struct EvaluateOptions {
  std::optional<int> batch_size{};  // for evaluate(x, y) only: 32
  std::vector<Metric*> also{};  // brought up to date in the same pass, such as a ConfusionMatrix
};

/// Trains a model; Keras's compile, fit, evaluate and predict.
///
/// ```cpp
/// void learn(nn::Sequential& model, DataLoader& train, DataLoader& validation) {
///   Trainer trainer(model, {.optimizer = optim::Adam(1e-3), .loss = loss::mse(), .metrics = {}});
///   History history = trainer.fit(train, {.epochs = 3, .validation = &validation});
///   double error = trainer.evaluate(validation).at("loss");
/// }
/// ```
///
/// A run can be interrupted after any batch and go on later, in another process too: save() after
/// fit() or, through the context, in a callback (see TrainingCheckpoint), then load() and fit()
/// with the same data and callbacks. The result has the same bits as without the interruption.
///
/// Data come from the host; the model's weights may be on a device, where the batches are brought
/// while it computes. Then no step waits for it: losses and accuracies add up there.
class Trainer {
 public:
  /// model must outlive the trainer. Throws ValueError for activations that are neither f32 nor
  /// bf16.
  Trainer(nn::Module& model, TrainerOptions options);
  Trainer(nn::Module&& temporary, TrainerOptions options) = delete;
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  /// Trains until all epochs are done, a callback stops or interrupt says so. An unbuilt model is
  /// built for the loader's samples. Each step: forward pass, loss of the first target, with the
  /// regularizers' penalties as in Keras, backward pass, update. The logs are loss and metrics, as
  /// means over the samples while the weights change, val_ and the same after the epoch, and
  /// learning_rate.
  /// Returns the logs of all epochs. Throws ValueError where the optimizer, the loss or targets are
  /// missing or an option is out of range, DTypeError for bf16 on the CPU, and what the callbacks,
  /// the data and the model throw.
  History fit(DataLoader& train, FitOptions options = {});
  /// x: [N, ...], y: [N, ...], as the model and the loss take them.
  History fit(const Tensor& x, const Tensor& y, FitOptions options = {});

  /// Loss and metrics over a whole epoch of the loader, without training.
  Logs evaluate(DataLoader& data, EvaluateOptions options = {});
  Logs evaluate(const Tensor& x, const Tensor& y, EvaluateOptions options = {});

  /// The model's output for each sample, [N, ...], on the CPU: in the order of the dataset, also
  /// where the loader shuffles. Throws ValueError where it leaves samples out.
  Tensor predict(DataLoader& data);
  Tensor predict(const Tensor& x, int batch_size = 32);

  /// Whether the last fit() was interrupted.
  bool interrupted() const;
  const History& history() const;
  /// The optimizer of the options. Throws ValueError where there is none.
  optim::Optimizer& optimizer() const;

  /// Model, optimizer, random numbers, position, loader, callbacks and history.
  void save(State& state) const;
  /// Model and optimizer at once, the rest when fit() is called next. The model must be built.
  /// Throws ValueError or ShapeError where something is missing or does not fit; then nothing has
  /// changed.
  void load(const State& state);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mien
