// A loss, a metric and a callback of one's own, in a regression that learns y = sin(x).
#include <mien/mien.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace mien;

namespace {

/// The loss, one value for each sample: log(cosh(error)), which is like error^2 / 2 near 0 and like
/// |error| far from it.
Tensor log_cosh_error(const Tensor& targets, const Tensor& predictions) {
  const Tensor error = abs(predictions - targets);
  return mean(error + log(exp(error * -2) + 1) - std::log(2.0), -1);
}

/// The metric: the largest error of all batches.
class WorstError : public Metric {
 public:
  std::string name() const override { return "worst_error"; }
  void reset() override { worst_ = 0; }
  void update(const Tensor& targets, const Tensor& predictions) override {
    worst_ = std::max(worst_, max(abs(predictions - targets)).item());
  }
  double value() const override { return worst_; }
  void save(State& state) const override { state.set("worst", worst_); }
  void load(const State& state) override { worst_ = state.get_double("worst"); }

 private:
  double worst_ = 0;
};

/// The callback: ends training as soon as no error is larger than a limit.
class StopBelow : public Callback {
 public:
  explicit StopBelow(double limit) : limit_(limit) {}
  void on_epoch_end(int epoch, Logs& logs, TrainContext& context) override {
    if (logs.at("val_worst_error") > limit_) return;
    context.print(concat("good enough after ", epoch + 1, " epochs"));
    context.stop();
  }

 private:
  double limit_;
};

}  // namespace

int main() {
  set_random_seed(1);
  std::vector<double> x, y;
  for (int i = 0; i < 512; ++i) {
    x.push_back(-3 + 6 * std::fmod(i * 0.618034, 1.0));  // spread evenly, in no order
    y.push_back(std::sin(x.back()));
  }
  nn::Sequential model{nn::Dense(32, {.activation = Act::tanh}), nn::Dense(1)};
  Trainer trainer(model, {.optimizer = optim::Adam(0.01),
                          .loss = Loss(log_cosh_error),
                          .metrics = {"mae", WorstError()}});
  trainer.fit(
      Tensor::from(x, {512, 1}), Tensor::from(y, {512, 1}),
      {.epochs = 300, .callbacks = {StopBelow(0.1)}, .verbose = 0, .validation_split = 0.25});
  const Tensor at_one = trainer.predict(Tensor::from({1}, {1, 1}));
  std::printf("sin(1) = %.3f, predicted %.3f\n", std::sin(1.0), at_one.item());
}
