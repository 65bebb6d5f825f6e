#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/optim/optimizer.h"

namespace mien::optim {

/// Options of Adagrad.
struct AdagradOptions {
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  double weight_decay = 0;  // this and the following: see OptimizerOptions
  std::vector<std::string> exclude_from_weight_decay{};
  bool decay_vectors = true;
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
};

/// a += g^2; w -= lr g / sqrt(a + epsilon) (Duchi, Hazan and Singer, 2011); as in Keras.
class Adagrad : public Optimizer {
 public:
  explicit Adagrad(LearningRate lr = 1e-3, AdagradOptions options = {});
  std::string_view kind() const override { return "Adagrad"; }

 protected:
  std::vector<OptimizerSlot> slots() const override;
  void update(const OptimizerUpdate& u) const override;
  std::optional<double> step_size(double lr, std::int64_t step) const override;

 private:
  double initial_, epsilon_;
};

}  // namespace mien::optim
