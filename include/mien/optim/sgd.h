#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/optim/optimizer.h"

namespace mien::optim {

/// Options of SGD.
struct SGDOptions {
  double momentum = 0;
  bool nesterov = false;    // Nesterov's form of momentum
  double weight_decay = 0;  // this and the following: see OptimizerOptions
  std::vector<std::string> exclude_from_weight_decay{};
  bool decay_vectors = true;
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
};

/// w -= lr g. With momentum: v = momentum v - lr g, then w += v, or, in Nesterov's form, w +=
/// momentum v - lr g; as in Keras.
class SGD : public Optimizer {
 public:
  explicit SGD(LearningRate lr = 1e-2, SGDOptions options = {});
  std::string_view kind() const override { return "SGD"; }
  void describe(State& settings) const override;

 protected:
  std::vector<OptimizerSlot> slots() const override;
  void update(const OptimizerUpdate& u) const override;
  std::optional<double> step_size(double lr, std::int64_t step) const override;

 private:
  double momentum_;
  bool nesterov_;
};

}  // namespace mien::optim
