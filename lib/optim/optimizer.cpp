#include "mien/optim/optimizer.h"

#include <bit>
#include <cmath>

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "lib/optim/clip.h"
#include "lib/optim/flat.h"
#include "lib/runtime/device.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/state.h"

namespace mien::optim {

struct Optimizer::Bound {
  std::vector<NamedTensor> parameters;  // as they were given
  std::vector<Flat> flats;
  std::shared_ptr<std::uint64_t> epoch = std::make_shared<std::uint64_t>(1);
  bool swapped = false;
  bool capturing = false;
  Tensor live{};  // f32, where a step was captured: a LiveRate for each range that update() gets

  // body(flat, parameter) for all that are not frozen
  template <class F>
  void for_trainable(F&& body) {
    for (Flat& flat : flats)
      for (FlatParameter& each : flat.parameters)
        if (each.trainable) body(flat, each);
  }
  void swap_average();
};

Optimizer::Optimizer(LearningRate lr, OptimizerOptions options)
    : lr_(std::move(lr)), options_(std::move(options)) {
  const OptimizerOptions& o = options_;
  MIEN_CHECK(o.weight_decay >= 0, ValueError, "optimizer: weight_decay must not be negative; got ",
             o.weight_decay);
  for (const double limit : {o.clipnorm, o.global_clipnorm, o.clipvalue})
    MIEN_CHECK(limit >= 0, ValueError, "optimizer: a gradient's limit must not be negative; got ",
               limit);
  MIEN_CHECK((o.clipnorm > 0) + (o.global_clipnorm > 0) + (o.clipvalue > 0) <= 1, ValueError,
             "optimizer: only one of clipnorm, global_clipnorm and clipvalue can be set");
  MIEN_CHECK(0 <= o.ema_momentum && o.ema_momentum <= 1, ValueError,
             "optimizer: ema_momentum must be in [0, 1]; got ", o.ema_momentum);
}

Optimizer::Optimizer(Optimizer&&) noexcept = default;
Optimizer& Optimizer::operator=(Optimizer&&) noexcept = default;
Optimizer::~Optimizer() = default;

bool Optimizer::bound() const { return bound_ != nullptr; }

void Optimizer::check_bound(const char* what) const {
  MIEN_CHECK(bound_, ValueError, what, ": ", kind(),
             " has no parameters yet; call bind(model.parameters())");
  MIEN_CHECK(!bound_->swapped, ValueError, what, ": ", kind(),
             "'s averaged weights are swapped in; end that first");
}

void Optimizer::bind(std::span<const NamedTensor> parameters) {
  const NoGradGuard quiet;
  std::vector<Flat> next = lay_out(parameters, options_);
  if (!bound_) bound_ = std::make_unique<Bound>();
  check_bound("bind");
  bound_->parameters.assign(parameters.begin(), parameters.end());
  if (same_places(bound_->flats, next)) return;
  move_in(bound_->flats, next, slots(), options_.use_ema, bound_->epoch);
  bound_->flats = std::move(next);
}

// After a parameter was frozen or set free since bind().
void Optimizer::bind_again() {
  bool changed = false;
  for (const Flat& flat : bound_->flats) {
    for (const FlatParameter& each : flat.parameters) {
      MIEN_CHECK(flat.holds(each), ValueError, "step: '", each.name, "' was bound to another ",
                 "optimizer since; call bind() again");
      changed = changed || each.trainable != each.tensor.needs_grad();
    }
  }
  if (changed) bind(std::vector<NamedTensor>(bound_->parameters));
}

void Optimizer::zero_grad() {
  check_bound("zero_grad");
  ++*bound_->epoch;
}

void Optimizer::step() {
  check_bound("step");
  const NoGradGuard quiet;
  bind_again();
  bound_->for_trainable([](const Flat& flat, const FlatParameter& each) {
    if (leaf_written(each.tensor)) return;
    const Tensor g = Flat::part(flat.gradients, each);
    device_api(g.device()).zero(g.raw(), g.bytes(), stream_of(g));
  });
  const GradientScale scale = clip_gradients(bound_->flats, options_);
  const double rate = lr();
  const LiveRate* live = nullptr;
  if (bound_->capturing) live = static_cast<const LiveRate*>(bound_->live.raw());
  for (Flat& flat : bound_->flats) {
    const std::int64_t ends[] = {0, flat.decayed, flat.trainable};
    for (int kind = 0; kind < 2; ++kind) {
      const std::int64_t begin = ends[kind], end = ends[kind + 1];
      if (begin == end) continue;
      Tensors slots;
      for (const Tensor& each : flat.slots) slots.push_back(each.slice(begin, end));
      update({.weights = flat.weights.slice(begin, end),
              .gradient = flat.gradients.slice(begin, end),
              .slots = slots,
              .gradient_scale = scale.value,
              .lr = rate,
              .decay = decay_of(kind),
              .step = iterations_ + 1,
              .live_scale = scale.live(),
              .live = live ? live++ : nullptr});
    }
    flat.weights.mark_modified();
    if (!options_.use_ema || flat.trainable == 0) continue;
    // As in Keras, the first step's weights begin the average.
    const double keep = iterations_ == 0 ? 0.0 : options_.ema_momentum;
    run("ema", flat.average, &KernelTable::axpy,
        AxpyArgs{.n = flat.trainable,
                 .alpha = 1 - keep,
                 .x = flat.weights.raw(),
                 .y = flat.average.raw(),
                 .beta = keep});
  }
  if (!bound_->capturing) ++iterations_;
}

// Of the weights that decay, and of those that do not.
double Optimizer::decay_of(int kind) const {
  return kind == 0 ? lr() * options_.weight_decay : 0.0;
}

void Optimizer::describe(State&) const {}

std::optional<double> Optimizer::step_size(double, std::int64_t) const { return {}; }

bool Optimizer::replayable() const {
  if (!bound_ || iterations_ == 0 || bound_->flats.size() != 1) return false;
  const Flat& flat = bound_->flats.front();
  return flat.device != kCpu && flat.dtype == DType::f32 && step_size(lr(), 1).has_value();
}

void Optimizer::set_capturing(bool on) {
  check_bound("set_capturing");
  MIEN_CHECK(!on || replayable(), ValueError, kind(), ": this step cannot be captured");
  if (on && !bound_->live.defined())
    bound_->live = Tensor::zeros({2 * 2}, {.device = bound_->flats.front().device});
  bound_->capturing = on;
}

void Optimizer::next_replay() {
  const Flat& flat = bound_->flats.front();
  const std::int64_t ends[] = {0, flat.decayed, flat.trainable};
  std::uint32_t words[4];
  int n = 0;
  for (int kind = 0; kind < 2; ++kind) {
    if (ends[kind] == ends[kind + 1]) continue;
    words[n++] = std::bit_cast<std::uint32_t>(float(*step_size(lr(), iterations_ + 1)));
    words[n++] = std::bit_cast<std::uint32_t>(float(1 - decay_of(kind)));
  }
  const Tensor& live = bound_->live;
  device_api(live.device())
      .write(static_cast<std::uint32_t*>(live.raw()), words, n, stream_of(live));
  flat.weights.mark_modified();
  ++iterations_;
}

void Optimizer::set_lr(double lr) {
  MIEN_CHECK(!scheduled(), ValueError, "set_lr: ", kind(), "'s learning rate follows a schedule");
  lr_ = LearningRate(lr);
}

void Optimizer::Bound::swap_average() {
  const NoGradGuard quiet;
  for (Flat& flat : flats) {
    Tensor weights = flat.weights.slice(0, flat.trainable);
    const Tensor before = weights.clone();
    weights.copy_from(flat.average);
    flat.average.copy_from(before);
  }
  swapped = !swapped;
}

EmaSwap::EmaSwap(Optimizer::Bound* bound) : bound_(bound) {
  if (bound_) bound_->swap_average();
}
EmaSwap::~EmaSwap() {
  if (bound_) bound_->swap_average();
}

EmaSwap Optimizer::swap_ema() {
  if (!options_.use_ema || iterations_ == 0) return EmaSwap(nullptr);
  check_bound("swap_ema");
  return EmaSwap(bound_.get());
}

void Optimizer::save(State& state) const {
  check_bound("save");
  const NoGradGuard quiet;
  state.set("kind", std::string(kind()));
  state.set("iterations", iterations_);
  state.set("learning_rate", lr());
  const std::vector<OptimizerSlot> names = slots();
  State& parameters = state.group("parameters");
  bound_->for_trainable([&](const Flat& flat, const FlatParameter& each) {
    MIEN_CHECK(!parameters.has(each.name), ValueError, "save: two parameters are named '",
               each.name, "'");
    State& own = parameters.group(each.name);
    for (std::size_t s = 0; s < names.size(); ++s)
      own.set(names[s].name, Flat::part(flat.slots[s], each).clone());
    if (options_.use_ema) own.set("average", Flat::part(flat.average, each).clone());
  });
}

void Optimizer::load(const State& state) {
  check_bound("load");
  const std::string& saved = state.get_string("kind");
  MIEN_CHECK(saved == kind(), ValueError, "checkpoint: its optimizer is ", saved, ", not ", kind());
  const std::int64_t iterations = state.get_int("iterations");
  MIEN_CHECK(iterations >= 0, ValueError, "checkpoint: iterations must not be negative; got ",
             iterations);
  const double rate = state.get_double("learning_rate");
  if (!scheduled()) LearningRate{rate};  // checks it

  struct Copy {
    Tensor to, from;
  };
  std::vector<Copy> copies;
  const std::vector<OptimizerSlot> names = slots();
  const State& parameters = state.get_group("parameters");
  bound_->for_trainable([&](const Flat& flat, const FlatParameter& each) {
    const State& own = parameters.get_group(each.name);
    const auto take = [&](const char* name, const Tensor& buffer) {
      const Tensor& from = own.get_tensor(name);
      MIEN_CHECK(from.shape() == each.tensor.shape(), ShapeError, "checkpoint: ", name, " of '",
                 each.name, "' is ", from.shape(), "; the parameter is ", each.tensor.shape());
      copies.push_back({Flat::part(buffer, each), from});
    };
    for (std::size_t s = 0; s < names.size(); ++s) take(names[s].name, flat.slots[s]);
    if (options_.use_ema) take("average", flat.average);
  });
  for (Copy& each : copies) each.to.copy_from(each.from);
  iterations_ = iterations;
  if (!scheduled()) lr_ = LearningRate(rate);
}

}  // namespace mien::optim
