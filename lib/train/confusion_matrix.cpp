#include <algorithm>
#include <functional>
#include <numeric>

#include "lib/train/labels.h"
#include "mien/base/error.h"
#include "mien/train/metrics.h"

namespace mien {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? double(part) / double(whole) : 0;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::string name) : name_(std::move(name)) {}

void ConfusionMatrix::reset() {
  classes_ = 0;
  one_column_ = false;
  counts_.clear();
}

void ConfusionMatrix::update(const Tensor& targets, const Tensor& predictions) {
  const PredictedRows rows(predictions);
  const TrueLabels labels(name_.c_str(), targets, predictions, rows);
  const std::int64_t classes = std::max<std::int64_t>(2, rows.columns());
  MIEN_CHECK(classes_ == 0 || classes == classes_, ShapeError, name_, ": earlier batches had ",
             classes_, " classes; got predictions ", predictions.shape());
  std::vector<std::int64_t> counts(std::size_t(classes * classes));
  for (std::int64_t i = 0; i < rows.rows(); ++i) {
    ++counts[std::size_t(labels[i] * classes + rows.label(i))];
  }
  classes_ = classes;
  one_column_ = rows.columns() == 1;
  counts_.resize(counts.size());
  std::transform(counts.begin(), counts.end(), counts_.begin(), counts_.begin(), std::plus<>());
}

std::int64_t ConfusionMatrix::count(std::int64_t true_class, std::int64_t predicted) const {
  const auto inside = [&](std::int64_t c) { return c >= 0 && c < classes_; };
  MIEN_CHECK(inside(true_class) && inside(predicted), ValueError, name_, ": there is no class ",
             inside(true_class) ? predicted : true_class, " of ", classes_);
  return counts_[std::size_t(true_class * classes_ + predicted)];
}

std::int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t(0));
}

std::int64_t ConfusionMatrix::support(std::int64_t c) const {
  std::int64_t truly = 0;
  for (std::int64_t predicted = 0; predicted < classes_; ++predicted) truly += count(c, predicted);
  return truly;
}

double ConfusionMatrix::value() const {
  std::int64_t right = 0;
  for (std::int64_t c = 0; c < classes_; ++c) right += count(c, c);
  return ratio(right, total());
}

double ConfusionMatrix::precision(std::int64_t c) const {
  std::int64_t predicted = 0;
  for (std::int64_t truth = 0; truth < classes_; ++truth) predicted += count(truth, c);
  return ratio(count(c, c), predicted);
}

double ConfusionMatrix::recall(std::int64_t c) const { return ratio(count(c, c), support(c)); }

double ConfusionMatrix::f1(std::int64_t c) const {
  const double p = precision(c), r = recall(c);
  return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

void ConfusionMatrix::save(State& state) const {
  state.set("classes", classes_);
  state.set("one_column", one_column_);
  for (std::size_t i = 0; i < counts_.size(); ++i) state.set(std::to_string(i), counts_[i]);
}

void ConfusionMatrix::load(const State& state) {
  const std::int64_t classes = state.get_int("classes");
  std::vector<std::int64_t> counts;
  for (std::int64_t i = 0; i < classes * classes; ++i) {
    counts.push_back(state.get_int(std::to_string(i)));
  }
  one_column_ = state.get_int("one_column") != 0;
  classes_ = classes;
  counts_ = std::move(counts);
}

ClassMetric::ClassMetric(Figure figure, const char* name, ClassMetricOptions options)
    : figure_(figure), options_(std::move(options)) {
  if (options_.name.empty()) options_.name = name;
}

void ClassMetric::update(const Tensor& targets, const Tensor& predictions) {
  matrix_.update(targets, predictions);
}

std::vector<double> ClassMetric::per_class() const {
  std::vector<double> figures;
  for (std::int64_t c = 0; c < matrix_.classes(); ++c) figures.push_back((matrix_.*figure_)(c));
  return figures;
}

double ClassMetric::value() const {
  const std::int64_t classes = matrix_.classes();
  if (classes == 0) return 0;
  if (options_.class_id) {
    MIEN_CHECK(*options_.class_id >= 0 && *options_.class_id < classes, ValueError, name(),
               ": there is no class ", *options_.class_id, " of ", classes);
    return (matrix_.*figure_)(*options_.class_id);
  }
  const Average average =
      options_.average.value_or(matrix_.one_column() ? Average::binary : Average::macro);
  if (average == Average::binary) {
    MIEN_CHECK(classes == 2, ValueError, name(), ": binary needs two classes; there are ", classes);
    return (matrix_.*figure_)(1);
  }
  double sum = 0, weights = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    const double weight = average == Average::macro ? 1 : double(matrix_.support(c));
    sum += weight * (matrix_.*figure_)(c);
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

Precision::Precision(ClassMetricOptions options)
    : ClassMetric(&ConfusionMatrix::precision, "precision", std::move(options)) {}
Recall::Recall(ClassMetricOptions options)
    : ClassMetric(&ConfusionMatrix::recall, "recall", std::move(options)) {}
F1::F1(ClassMetricOptions options)
    : ClassMetric(&ConfusionMatrix::f1, "f1_score", std::move(options)) {}

}  // namespace mien
