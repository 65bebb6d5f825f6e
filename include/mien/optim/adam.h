#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/optim/optimizer.h"

namespace mien::optim {

/// Options of Adam.
struct AdamOptions {
  double beta_1 = 0.9, beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0;  // this and the following: see OptimizerOptions
  std::vector<std::string> exclude_from_weight_decay{};
  bool decay_vectors = true;
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
};

/// Kingma and Ba, 2015, in Keras's form, whose epsilon is not bias-corrected: m and v are moving
/// averages of g and g^2; w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon).
class Adam : public Optimizer {
 public:
  explicit Adam(LearningRate lr = 1e-3, AdamOptions options = {});
  std::string_view kind() const override { return "Adam"; }
  void describe(State& settings) const override;

 protected:
  std::vector<OptimizerSlot> slots() const override;
  void update(const OptimizerUpdate& u) const override;
  std::optional<double> step_size(double lr, std::int64_t step) const override;

 private:
  double beta_1_, beta_2_, epsilon_;
};

/// Options of AdamW.
struct AdamWOptions {
  double beta_1 = 0.9, beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0.004;  // this and the following: see OptimizerOptions
  std::vector<std::string> exclude_from_weight_decay{};
  bool decay_vectors = true;
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
};

/// Adam with weight decay on from the start (Loshchilov and Hutter, 2019).
class AdamW : public Adam {
 public:
  explicit AdamW(LearningRate lr = 1e-3, const AdamWOptions& options = {});
  std::string_view kind() const override { return "AdamW"; }
};

}  // namespace mien::optim
