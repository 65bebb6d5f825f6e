#include <string>
#include <vector>

#include "kernels/cuda/rt.h"
#include "mien/data/array_dataset.h"
#include "mien/data/data_loader.h"
#include "mien/nn.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "mien/optim.h"
#include "mien/train/callback.h"
#include "mien/train/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// What the device was asked in each step.
class Watch : public Callback {
 public:
  explicit Watch(std::vector<cuda::Counts>* steps) : steps_(steps) {}
  void on_batch_begin(std::int64_t, TrainContext&) override { before_ = cuda::counts(); }
  void on_batch_end(std::int64_t, const Logs&, TrainContext&) override {
    const cuda::Counts now = cuda::counts();
    steps_->push_back({now.launches - before_.launches, now.allocations - before_.allocations,
                       now.synchronizations - before_.synchronizations, now.copies - before_.copies,
                       now.replays - before_.replays});
  }

 private:
  std::vector<cuda::Counts>* steps_;
  cuda::Counts before_;
};

// Freezes the first layer after so many batches.
class Freeze : public Callback {
 public:
  explicit Freeze(int after) : left_(after) {}
  void on_batch_end(std::int64_t, const Logs&, TrainContext& context) override {
    if (--left_ == 0) context.model().child_at(0).freeze();
  }

 private:
  int left_;
};

class Reads : public nn::Layer {  // a value, which no graph can
 public:
  using nn::Layer::build;
  Tensor forward(const Tensor& x, nn::Pass&) const override {
    return x * (sum(x).item() > 0 ? 0.5 : 0.25);
  }
};

class Halves : public nn::Layer {
 public:
  using nn::Layer::build;
  Tensor forward(const Tensor& x, nn::Pass&) const override { return 0.5 * x; }
};

struct Outcome {
  std::vector<double> losses{}, weights{};
  std::uint64_t replays = 0;
};

enum class Between { nothing, halves, reads };

struct How {
  Box<optim::Optimizer> optimizer = optim::Adam(0.01);
  StepGraph graph = StepGraph::automatic;
  Between between = Between::nothing;  // a layer of the user's
  int freeze_after = 0;
  bool weighted = false;
};

// 44 samples in batches of 8 and one of 4, three epochs.
Outcome train(How how, std::vector<cuda::Counts>* steps = nullptr) {
  const KeepSettings keep;
  set_default_device({DeviceType::cuda, 0});
  set_random_seed(2);
  nn::Sequential model;
  model.add(nn::Conv2D(4, {3, 3}, {.kernel_regularizer = {.l2 = 0.01}}))
      .add(nn::BatchNormalization())
      .add(nn::Activation(Act::relu))
      .add(nn::MaxPooling2D())
      .add(nn::Dropout(0.3))
      .add(nn::Flatten());
  if (how.between == Between::halves) model.add(Halves());
  if (how.between == Between::reads) model.add(Reads());
  model.add(nn::Dense(8, {.activation = Act::relu})).add(nn::Dropout(0.2));
  model.add(nn::Dense(3, {.activation = Act::softmax}));
  const Tensor x = random_tensor({44, 6, 6, 1}, 1, -1, 1, DType::f32);
  Tensor y = Tensor::zeros({44, 3}, {.device = kCpu});
  for (int i = 0; i < 44; ++i) y.data<float>()[3 * i + i % 3] = 1;
  Trainer trainer(model, {.optimizer = std::move(how.optimizer),
                          .loss = loss::categorical_crossentropy({.label_smoothing = 0.1}),
                          .metrics = {"accuracy", "mse"},
                          .seed = 4});
  FitOptions options{
      .epochs = 3, .verbose = 0, .log_seconds = 1e9, .graph = how.graph, .batch_size = 8};
  if (how.weighted) options.class_weight = {{1, 2.0}};
  if (how.freeze_after > 0) options.callbacks.add(Freeze(how.freeze_after));
  if (steps) options.callbacks.add(Watch(steps));
  const std::uint64_t before = cuda::counts().replays;
  const History history = trainer.fit(x, y, std::move(options));
  Outcome out{.losses = history.values("loss")};
  for (const char* name : {"accuracy", "mse"})
    for (const double each : history.values(name)) out.losses.push_back(each);
  for (const auto& list : {model.parameters(), model.buffers()})
    for (const NamedTensor& each : list)
      for (const double value : values(each.value)) out.weights.push_back(value);
  out.replays = cuda::counts().replays - before;
  return out;
}

void check_equal(const Outcome& a, const Outcome& b) {
  CHECK(a.losses == b.losses);
  CHECK(a.weights == b.weights);
}

}  // namespace

TEST_CASE("a replayed step gives the bits of one that is queued kernel by kernel", "[cuda]") {
  cuda_or_skip();
  const auto optimizers = {
      +[] { return Box<optim::Optimizer>(optim::Adam(0.01, {.global_clipnorm = 0.5})); },
      +[] {
        return Box<optim::Optimizer>(
            optim::AdamW(optim::CosineDecay(0.02, 20),
                         {.weight_decay = 0.03, .decay_vectors = false, .use_ema = true}));
      },
      +[] { return Box<optim::Optimizer>(optim::SGD(0.02, {.momentum = 0.9, .clipnorm = 0.3})); },
      +[] { return Box<optim::Optimizer>(optim::RMSprop(0.01, {.clipvalue = 0.1})); },
      +[] { return Box<optim::Optimizer>(optim::Adagrad(0.05)); },
  };
  for (const auto& optimizer : optimizers) {
    INFO(optimizer()->kind());
    const Outcome eager = train({.optimizer = optimizer(), .graph = StepGraph::off});
    const Outcome replayed = train({.optimizer = optimizer()});
    CHECK(eager.replays == 0);
    CHECK(replayed.replays == 13);  // of 15 whole batches
    check_equal(replayed, eager);
  }
}

TEST_CASE("a step is captured anew after layers were frozen, and with weighted samples", "[cuda]") {
  cuda_or_skip();
  const Outcome eager = train({.graph = StepGraph::off, .freeze_after = 5, .weighted = true});
  const Outcome replayed = train({.freeze_after = 5, .weighted = true});
  CHECK(replayed.replays == 3 + 9);
  check_equal(replayed, eager);
}

TEST_CASE("layers of the user's are captured where he says so", "[cuda]") {
  cuda_or_skip();
  const Outcome eager = train({.between = Between::halves}),
                replayed = train({.graph = StepGraph::on, .between = Between::halves});
  CHECK(eager.replays == 0);
  CHECK(replayed.replays == 13);
  check_equal(replayed, eager);
}

TEST_CASE("a step that reads a value is not captured, and nothing is lost", "[cuda]") {
  cuda_or_skip();
  const Outcome eager = train({.graph = StepGraph::off, .between = Between::reads});
  const Outcome refused = train({.graph = StepGraph::on, .between = Between::reads});
  CHECK(refused.replays == 0);
  check_equal(refused, eager);
}

TEST_CASE("a training gives the same bits however the device behaves", "[cuda]") {
  cuda_or_skip();
  for (const StepGraph graph : {StepGraph::off, StepGraph::automatic}) {
    const Outcome first = train({.graph = graph, .weighted = true});
    for (int behaviour = 1; behaviour < cuda::behaviours(); ++behaviour) {
      CAPTURE(graph == StepGraph::off, behaviour);
      cuda::choose_behaviour(behaviour);
      const Outcome again = train({.graph = graph, .weighted = true});
      cuda::choose_behaviour(0);
      check_equal(again, first);
    }
  }
}

TEST_CASE("after its first steps a training asks the device for no memory and never waits",
          "[cuda]") {
  cuda_or_skip();
  for (const StepGraph graph : {StepGraph::off, StepGraph::automatic}) {
    CAPTURE(int(graph));
    std::vector<cuda::Counts> steps;
    train(
        {.optimizer = optim::Adam(0.01, {.global_clipnorm = 1}), .graph = graph, .weighted = true},
        &steps);
    REQUIRE(steps.size() == 18);
    // Two warm-ups, the capture, and the short batch of the first epoch.
    for (std::size_t i = 3; i < 18; ++i) {
      if (i % 6 == 5 && i < 6) continue;
      CAPTURE(i);
      CHECK(steps[i].allocations == 0);
      if (i % 6 != 0) CHECK(steps[i].synchronizations == 0);  // the epoch's first logs are read
    }
    CHECK(steps[9].replays == (graph == StepGraph::off ? 0 : 1));
    if (graph == StepGraph::automatic) CHECK(steps[9].launches < 10);
  }
}

}  // namespace mien
