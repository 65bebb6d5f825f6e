#include "mien/train/metric.h"

#include <array>

#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/losses.h"
#include "mien/ops/reduce.h"
#include "mien/train/metrics.h"

namespace mien {

Metric::~Metric() = default;

MeanMetric::MeanMetric(std::string name, Function function)
    : name_(std::move(name)), function_(std::move(function)) {}

void MeanMetric::reset() {
  sum_ = LazySum();
  count_ = 0;
}

void MeanMetric::update(const Tensor& targets, const Tensor& predictions) {
  const NoGradGuard quiet;
  const Tensor values = function_(targets, predictions);
  const std::int64_t samples = predictions.shape()[0];
  MIEN_CHECK(values.rank() == 0 || values.shape()[0] == samples, ShapeError, name_,
             ": the function must give a scalar or a value for each of the ", samples,
             " samples; got ", values.shape());
  const std::int64_t count = values.rank() == 0 ? samples : values.numel();
  if (count == 0) return;
  sum_.add(mean(values), double(count));
  count_ += count;
}

double MeanMetric::value() const { return count_ > 0 ? sum_.value() / double(count_) : 0; }

void MeanMetric::save(State& state) const {
  state.set("sum", sum_.value());
  state.set("count", count_);
}

void MeanMetric::load(const State& state) {
  const double sum = state.get_double("sum");
  count_ = state.get_int("count");
  sum_ = LazySum(sum);
}

namespace {

using LossOp = Tensor (*)(const Tensor&, const Tensor&, const LossOptions&);

template <LossOp op>
Box<Metric> mean_of(std::string name) {
  return MeanMetric(std::move(name), [](const Tensor& targets, const Tensor& predictions) {
    return op(targets, predictions, {.reduction = Reduction::none});
  });
}

template <AccuracyKind kind>
Box<Metric> accuracy(std::string name) {
  return Accuracy(std::move(name), kind);
}

template <class M>
Box<Metric> class_metric(std::string name) {
  return M({.name = std::move(name)});
}

struct Named {
  const char* name;
  Box<Metric> (*make)(std::string name);
};

const std::array kNamed = {
    Named{"accuracy", accuracy<AccuracyKind::automatic>},
    Named{"acc", accuracy<AccuracyKind::automatic>},
    Named{"binary_accuracy", accuracy<AccuracyKind::binary>},
    Named{"categorical_accuracy", accuracy<AccuracyKind::categorical>},
    Named{"sparse_categorical_accuracy", accuracy<AccuracyKind::sparse>},
    Named{"top_k_categorical_accuracy",
          [](std::string name) { return Box<Metric>(TopKAccuracy(5, std::move(name))); }},
    Named{"precision", class_metric<Precision>},
    Named{"recall", class_metric<Recall>},
    Named{"f1_score", class_metric<F1>},
    Named{"f1", class_metric<F1>},
    Named{"mean_squared_error", mean_of<mean_squared_error>},
    Named{"mse", mean_of<mean_squared_error>},
    Named{"mean_absolute_error", mean_of<mean_absolute_error>},
    Named{"mae", mean_of<mean_absolute_error>}};

}  // namespace

MetricList::MetricList(const std::vector<std::string>& names) {
  for (const std::string& name : names) add(name);
}

void MetricList::add(std::string_view name) {
  std::string known;
  for (const Named& each : kNamed) {
    if (name == each.name) return add(each.make(std::string(name)));
    known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  throw ValueError(concat("metrics: '", name, "' is not among ", known));
}

void MetricList::add(Box<Metric> metric) {
  for (const Box<Metric>& each : metrics_) {
    MIEN_CHECK(each->name() != metric->name(), ValueError, "metrics: '", metric->name(),
               "' is given twice");
  }
  metrics_.push_back(std::move(metric));
}

}  // namespace mien
