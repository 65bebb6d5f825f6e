#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/callable.h"
#include "mien/nn/module.h"
#include "mien/optim/optimizer.h"
#include "mien/train/history.h"

namespace mien {

/// Where progress and messages go.
struct Output {
  Callable<void(std::string_view)> write{};  // standard output where unset
  /// Whether the text appears on a terminal: then the progress bar moves and has colours. Where
  /// unset, standard output is asked, and a write of one's own is none.
  std::optional<bool> terminal{};
};

/// A running fit(), as callbacks see it.
class TrainContext {
 public:
  /// What fit() puts in.
  struct Run {
    nn::Module& model;
    optim::Optimizer& optimizer;
    int epochs = 1;                    // the last epoch is this one
    std::int64_t steps = 1;            // batches of an epoch
    std::vector<std::string> names{};  // what the logs of an epoch will hold
    std::string loss{};                // its name, such as "mean_squared_error"
    Output output{};
    bool resumed = false;
    int first_epoch = 0;
    std::int64_t first_batch = 0;
    Callable<void(State&)> save{};
  };
  explicit TrainContext(Run run);

  /// What is trained, and what changes it; a callback may use both.
  nn::Module& model() const { return run_.model; }
  optim::Optimizer& optimizer() const { return run_.optimizer; }
  /// Epochs in all, and batches of one.
  int epochs() const { return run_.epochs; }
  std::int64_t steps() const { return run_.steps; }
  /// Names of the logs at an epoch's end: loss, accuracy, val_loss, ... and what callbacks add.
  const std::vector<std::string>& names() const { return run_.names; }
  /// Such as "mean_squared_error"; empty for a loss without a name.
  const std::string& loss_name() const { return run_.loss; }
  /// Whether the run goes on from a saved state.
  bool resumed() const { return run_.resumed; }
  /// The first epoch (from 0) that this fit() has to do.
  int first_epoch() const { return run_.first_epoch; }
  /// Whether that epoch was begun by an earlier fit() and goes on: on_epoch_begin() is called again
  /// then.
  bool goes_on(int epoch) const { return epoch == run_.first_epoch && run_.first_batch > 0; }
  /// Whether the output is a terminal.
  bool terminal() const { return terminal_; }

  /// Ends training after this batch and its epoch's end; Keras's model.stop_training.
  void stop() { stopping_ = true; }
  /// Whether stop() was called.
  bool stopping() const { return stopping_; }

  /// Prints a message on a line of its own.
  void print(std::string_view message);
  /// Prints text as it is; what follows its last line break is an open line, which print() ends
  /// first.
  void write(std::string_view text);
  /// Ends the open line, if there is one.
  void end_line() {
    if (line_open_) write("\n");
  }

  /// The whole state of the training, for Trainer::load().
  void save(State& state) const { run_.save(state); }

 private:
  Run run_;
  bool terminal_ = false;
  bool stopping_ = false;
  bool line_open_ = false;
};

/// Is told how a training goes and may change it. Derive from it for one's own; epochs and batches
/// count from 0, as in Keras.
///
/// ```cpp
/// class StopWhenGood : public Callback {
///  public:
///   void on_epoch_end(int, Logs& logs, TrainContext& context) override {
///     if (logs.at("val_accuracy") > 0.95) context.stop();
///   }
/// };
/// ```
class Callback {
 public:
  Callback() = default;
  Callback(Callback&&) = default;
  Callback& operator=(Callback&&) = default;
  virtual ~Callback();

  /// The name under which its state is saved and which its errors begin with.
  virtual std::string name() const { return "Callback"; }
  /// Names that its on_epoch_end() adds to the logs, so that other callbacks can watch them.
  virtual std::vector<std::string> adds() const { return {}; }

  /// Before the first epoch. What cannot work is an error here.
  virtual void on_train_begin(TrainContext&) {}
  /// At the end of the last epoch, also after stop(). Not where fit() was interrupted: such a run
  /// goes on later.
  virtual void on_train_end(TrainContext&) {}
  /// Also where an interrupted epoch goes on: context.goes_on(epoch).
  virtual void on_epoch_begin(int, TrainContext&) {}
  /// After the validation; what it sets in the logs reaches the History and later callbacks.
  virtual void on_epoch_end(int, Logs&, TrainContext&) {}
  /// Before each batch of the epoch.
  virtual void on_batch_begin(std::int64_t, TrainContext&) {}
  /// The logs are the epoch's means so far.
  virtual void on_batch_end(std::int64_t, const Logs&, TrainContext&) {}
  /// Around the validation; the logs hold its results.
  virtual void on_validation_begin(TrainContext&) {}
  virtual void on_validation_end(const Logs&, TrainContext&) {}
  /// Before the first epoch of a new run, when all of an epoch is done, and when fit() is
  /// interrupted: the moment for context.save().
  /// Not where the loss is NaN or infinite: the last good state is the one to keep.
  virtual void on_checkpoint(TrainContext&) {}

  /// What it must know to go on where it was; load() comes after on_train_begin().
  virtual void save(State&) const {}
  virtual void load(const State&) {}
};

}  // namespace mien
