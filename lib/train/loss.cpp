#include "mien/train/loss.h"

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/losses.h"
#include "mien/ops/reduce.h"

namespace mien {
namespace {

// [N] as [N, 1, ...], to be multiplied with losses of that rank.
Tensor with_rank(const Tensor& weights, int rank) {
  Shape shape = weights.shape();
  while (shape.rank() < rank) shape.push_back(1);
  return weights.view(shape);
}

Tensor weighted_mean(const Tensor& losses, const Tensor& targets, const Tensor& weights) {
  if (losses.rank() == 0) {
    MIEN_CHECK(!weights.defined(), ValueError,
               "loss: a function that gives a scalar cannot have sample or class weights; let it "
               "give a loss for each sample");
    return losses;
  }
  MIEN_CHECK(losses.shape()[0] == targets.shape()[0], ShapeError,
             "loss: the function must give a scalar or a loss for each of the ", targets.shape()[0],
             " samples; got ", losses.shape());
  if (!weights.defined()) return mean(losses);
  return mean(losses * with_rank(weights.to(losses.dtype()), losses.rank()));
}

}  // namespace

Loss::Loss(PerSample function, std::string name) : name_(std::move(name)) {
  function_ = [f = std::move(function)](const Tensor& targets, const Tensor& predictions,
                                        const Tensor& weights) {
    return weighted_mean(f(targets, predictions), targets, weights);
  };
}

Loss::Loss(Weighted function, std::string name)
    : function_(std::move(function)), name_(std::move(name)) {}

Loss& Loss::set_replayable(bool replayable) {
  replayable_ = replayable;
  return *this;
}

Tensor Loss::operator()(const Tensor& targets, const Tensor& predictions,
                        const Tensor& sample_weight) const {
  MIEN_CHECK(function_, ValueError, "loss: there is none");
  Tensor value = function_(targets, predictions, sample_weight);
  MIEN_CHECK(value.numel() == 1, ShapeError, "loss: a scalar is required; got ", value.shape());
  return value;
}

namespace loss {
namespace {

using CrossEntropyOp = Tensor (*)(const Tensor&, const Tensor&, const mien::CrossEntropyOptions&);
using LossOp = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);

Loss own(Loss::Weighted function, const char* name) {
  Loss loss(std::move(function), name);
  loss.set_replayable();
  return loss;
}

Loss cross_entropy(const char* name, CrossEntropyOp op, const CrossEntropyOptions& options) {
  MIEN_CHECK(options.label_smoothing >= 0 && options.label_smoothing <= 1, ValueError, name,
             ": label_smoothing must be within 0 and 1; got ", options.label_smoothing);
  const auto function = [op, options](const Tensor& targets, const Tensor& predictions,
                                      const Tensor& weights) {
    return op(targets, predictions,
              {.from_logits = options.from_logits,
               .label_smoothing = options.label_smoothing,
               .sample_weight = weights});
  };
  return own(function, name);
}

Loss plain(const char* name, LossOp op) {
  const auto function = [op](const Tensor& targets, const Tensor& predictions,
                             const Tensor& weights) {
    return op(targets, predictions, {.sample_weight = weights});
  };
  return own(function, name);
}

}  // namespace

Loss categorical_crossentropy(CrossEntropyOptions options) {
  return cross_entropy("categorical_crossentropy", mien::categorical_crossentropy, options);
}

Loss sparse_categorical_crossentropy(CrossEntropyOptions options) {
  return cross_entropy("sparse_categorical_crossentropy", mien::sparse_categorical_crossentropy,
                       options);
}

Loss binary_crossentropy(CrossEntropyOptions options) {
  return cross_entropy("binary_crossentropy", mien::binary_crossentropy, options);
}

Loss mse() { return plain("mean_squared_error", mean_squared_error); }

Loss mae() { return plain("mean_absolute_error", mean_absolute_error); }

Loss huber(double delta) {
  MIEN_CHECK(delta > 0, ValueError, "huber: delta must be positive; got ", delta);
  const auto function = [delta](const Tensor& targets, const Tensor& predictions,
                                const Tensor& weights) {
    return mien::huber(targets, predictions, {.delta = delta, .sample_weight = weights});
  };
  return own(function, "huber");
}

Loss kl() { return plain("kl_divergence", kl_divergence); }

}  // namespace loss
}  // namespace mien
