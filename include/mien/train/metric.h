#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mien/base/box.h"
#include "mien/base/callable.h"
#include "mien/state.h"
#include "mien/tensor.h"
#include "mien/train/lazy_sum.h"

namespace mien {

/// Something measured over many batches. Derive from it for one's own, or give MeanMetric a
/// function.
class Metric {
 public:
  Metric() = default;
  Metric(Metric&&) = default;
  Metric& operator=(Metric&&) = default;
  virtual ~Metric();

  /// Its name in the logs.
  virtual std::string name() const = 0;
  /// Forgets all batches.
  virtual void reset() = 0;
  /// Takes a batch in: targets as the data has them, predictions as the model gives them, the batch
  /// as first axis of both. On a device it had better leave its sums there (see LazySum); what it
  /// keeps of these tensors it must clone(), since the next batch takes their place.
  virtual void update(const Tensor& targets, const Tensor& predictions) = 0;
  /// Over all batches since reset(). Waits for a device that still computes some of it.
  virtual double value() const = 0;

  /// What it has taken in so far, so that an epoch can be interrupted.
  virtual void save(State& state) const = 0;
  /// Throws ValueError where something is missing.
  virtual void load(const State& state) = 0;
};

/// The mean over all samples of what a function gives for each: [N] or [N, ...], or a scalar that
/// stands for the mean of the batch.
///
/// ```cpp
/// MeanMetric worst("max_error", [](const Tensor& targets, const Tensor& predictions) {
///   return max(abs(predictions - targets), -1);
/// });
/// ```
class MeanMetric : public Metric {
 public:
  using Function = Callable<Tensor(const Tensor& targets, const Tensor& predictions)>;
  /// name: as the logs have it.
  MeanMetric(std::string name, Function function);

  std::string name() const override { return name_; }
  void reset() override;
  void update(const Tensor& targets, const Tensor& predictions) override;
  double value() const override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  std::string name_;
  Function function_;
  LazySum sum_;
  std::int64_t count_ = 0;
};

/// Metrics given by objects or by name: {"accuracy", TopKAccuracy(3)}. Names: accuracy or acc
/// (which of the following is told by the shapes, as in Keras), binary_accuracy,
/// categorical_accuracy, sparse_categorical_accuracy, top_k_categorical_accuracy (k = 5),
/// precision, recall, f1_score or f1, and mean_squared_error or mse, mean_absolute_error or mae.
/// The logs keep the name as given.
class MetricList {
 public:
  MetricList() = default;
  /// Throws ValueError for a name that is none of these.
  template <class... T>
  requires(sizeof...(T) > 0 &&
           ((std::derived_from<T, Metric> || std::convertible_to<T, std::string_view>)&&...))
      MetricList(T... metrics) {
    (add(std::move(metrics)), ...);
  }
  MetricList(const std::vector<std::string>& names);

  /// Appends one. Throws ValueError for an unknown name and for one that is there already.
  void add(std::string_view name);
  void add(Box<Metric> metric);
  template <std::derived_from<Metric> M>
  void add(M metric) {
    add(Box<Metric>(std::move(metric)));
  }

  /// The metrics in their order.
  auto begin() const { return metrics_.begin(); }
  auto end() const { return metrics_.end(); }
  std::size_t size() const { return metrics_.size(); }
  Metric& operator[](std::size_t i) const { return *metrics_[i]; }

 private:
  std::vector<Box<Metric>> metrics_;
};

}  // namespace mien
