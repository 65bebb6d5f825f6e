#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/optim/learning_rate.h"
#include "mien/tensor.h"

namespace mien {
class State;
struct LiveRate;
}  // namespace mien

namespace mien::optim {

/// What all optimizers have in common; the options of each have these members too, under Keras's
/// names.
struct OptimizerOptions {
  double weight_decay = 0;  // decoupled: before each step weights shrink by lr * weight_decay
  std::vector<std::string> exclude_from_weight_decay{};  // parts of parameters' names: "bias"
  bool decay_vectors = true;   // false: no decay of parameters of rank 0 and 1 (bias, gamma, beta)
  double clipnorm = 0;         // largest norm of each parameter's gradient; 0: off
  double global_clipnorm = 0;  // largest norm of all gradients together; 0: off
  double clipvalue = 0;        // largest absolute value of a gradient's elements; 0: off
  bool use_ema = false;        // keep an exponential moving average of the weights: swap_ema()
  double ema_momentum = 0.99;
};

/// What an optimizer's update gets: flat tensors over a range of parameters, whose elements are
/// zero between them and must stay so where their gradient is.
struct OptimizerUpdate {
  Tensor weights{};                 // to be changed in place
  Tensor gradient{};                // counts gradient_scale times
  std::span<const Tensor> slots{};  // in the order of Optimizer::slots()
  double gradient_scale = 1;
  double lr = 0;
  double decay = 0;       // weights shrink by this part first
  std::int64_t step = 1;  // 1 at the first
  // On a device: where the gradient counts *live_scale times more, there and not known here.
  const float* live_scale = nullptr;
  // In a captured step: where step_size() and 1 - decay are read.
  const LiveRate* live = nullptr;
};

/// A flat buffer per slot that an optimizer keeps, such as Adam's moments.
struct OptimizerSlot {
  const char* name = "";
  double initial = 0;
};

class EmaSwap;

/// Changes parameters by their gradients. Made unbound, as a plain value; Trainer binds it, by
/// hand:
///
/// ```cpp
/// const Tensor w = Tensor::from({1, -2}, {2}).requires_grad();
/// optim::Adam adam(1e-3, {.global_clipnorm = 1.0});
/// adam.bind(std::vector<NamedTensor>{{"w", w}});  // or model.parameters()
/// for (int i = 0; i < 100; ++i) {
///   adam.zero_grad();
///   sum(w * w).backward();
///   adam.step();
/// }
/// ```
///
/// bind() moves all parameters of one dtype into one flat buffer, frozen ones last, likewise their
/// gradients and what the optimizer keeps of them, so that a step is one pass. Views of a parameter
/// taken before it are refused with ValueError; the parameter's own handles follow. A parameter
/// whose requires_grad is off is neither updated nor decayed.
class Optimizer {
 public:
  Optimizer(Optimizer&&) noexcept;
  Optimizer& operator=(Optimizer&&) noexcept;
  virtual ~Optimizer();

  /// Takes these parameters (f32 or f64). Again, after freezing or with a new head: what is kept of
  /// a parameter stays with it; a parameter that is no longer among them gets bytes of its own.
  /// Throws ValueError where there are none, or undefined ones: the model is not built.
  void bind(std::span<const NamedTensor> parameters);
  /// Whether bind() was called.
  bool bound() const;

  /// Forgets the gradients without touching memory. Throws ValueError where not bound.
  void zero_grad();
  /// One update by the gradients of the backward passes since zero_grad(). A parameter that got
  /// none counts as having gradient 0. Throws ValueError where not bound, or where a parameter was
  /// bound to another optimizer since.
  void step();
  /// Steps taken.
  std::int64_t iterations() const { return iterations_; }

  /// Learning rate of the next step.
  double lr() const { return lr_.at(iterations_); }
  /// Throws ValueError where a schedule gives the rate, or for one that is negative or not finite.
  void set_lr(double lr);
  /// Whether a schedule gives the rate.
  bool scheduled() const { return lr_.scheduled(); }

  /// Whether step() may be captured as part of a graph of a device's work: all parameters are f32
  /// on one device, a step was done, and step_size() is known.
  bool replayable() const;
  /// While on, step() is being captured: it takes its rates from where next_replay() writes them,
  /// and does not count. Throws ValueError where it may not be captured.
  void set_capturing(bool on);
  /// Before each replay: writes what the next step needs and counts it.
  void next_replay();

  /// Puts the averaged weights in the place of the weights until the returned object dies. Does
  /// nothing without use_ema or before the first step. Neither step() nor save() in between.
  [[nodiscard]] EmaSwap swap_ema();

  /// Steps, learning rate, slots by parameter and averages. load() checks all before it changes
  /// anything and throws ValueError or ShapeError naming what does not fit; bind() comes first.
  void save(State& state) const;
  void load(const State& state);

  /// Keras's class name, such as "Adam".
  virtual std::string_view kind() const = 0;
  /// What it was made with besides options(), as numbers and integers under Keras's names:
  /// "beta_1". Formats describe the optimizer by it.
  virtual void describe(State& settings) const;
  /// What all optimizers have in common, as it was given.
  const OptimizerOptions& options() const { return options_; }

 protected:
  /// Throws ValueError for options out of range, and where more than one kind of clipping is set.
  Optimizer(LearningRate lr, OptimizerOptions options);
  /// What is kept of each parameter; at most 4.
  virtual std::vector<OptimizerSlot> slots() const = 0;
  /// Changes u.weights and u.slots by u.gradient; on each range of parameters once a step.
  virtual void update(const OptimizerUpdate& u) const = 0;
  /// What update() multiplies by where u.live is given, of the learning rate and the step, 1 at the
  /// first. None: update() cannot be captured.
  virtual std::optional<double> step_size(double lr, std::int64_t step) const;

 private:
  struct Bound;
  friend class EmaSwap;
  void bind_again();
  void check_bound(const char* what) const;
  double decay_of(int kind) const;

  LearningRate lr_;
  OptimizerOptions options_;
  std::int64_t iterations_ = 0;
  std::unique_ptr<Bound> bound_;
};

/// While it lives, the optimizer's averaged weights are in place. Must not outlive the optimizer.
class EmaSwap {
 public:
  EmaSwap(EmaSwap&& other) noexcept : bound_(std::exchange(other.bound_, nullptr)) {}
  EmaSwap& operator=(EmaSwap&&) = delete;
  ~EmaSwap();

 private:
  friend class Optimizer;
  explicit EmaSwap(Optimizer::Bound* bound);
  Optimizer::Bound* bound_;
};

}  // namespace mien::optim
