#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/optim/optimizer.h"

namespace mien::optim {

/// Options of RMSprop.
struct RMSpropOptions {
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;    // divides by the deviation, not by the root of the mean square
  double weight_decay = 0;  // this and the following: see OptimizerOptions
  std::vector<std::string> exclude_from_weight_decay{};
  bool decay_vectors = true;
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
};

/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon), or a momentum of that (Hinton, 2012);
/// as in Keras.
class RMSprop : public Optimizer {
 public:
  explicit RMSprop(LearningRate lr = 1e-3, RMSpropOptions options = {});
  std::string_view kind() const override { return "RMSprop"; }
  void describe(State& settings) const override;

 protected:
  std::vector<OptimizerSlot> slots() const override;
  void update(const OptimizerUpdate& u) const override;
  std::optional<double> step_size(double lr, std::int64_t step) const override;

 private:
  double rho_, momentum_, epsilon_;
  bool centered_;
};

}  // namespace mien::optim
