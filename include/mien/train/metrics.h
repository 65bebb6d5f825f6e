#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mien/train/metric.h"

namespace mien {

/// What makes a prediction right.
enum class AccuracyKind : std::uint8_t {
  automatic,  // by the shapes, as Keras: predictions [.., 1] binary; targets with an axis less, or
              // a last one of size 1, sparse; else categorical
  binary,     // targets 0 or 1, predictions above 0.5, each element by itself
  categorical,  // the largest of the last axis is at the same place
  sparse        // the largest of the last axis is at the class number
};

/// Share of right predictions. Of equal predictions the first counts as the largest. On a device
/// it counts there, and waits only when somebody looks: then, too, a target that is no class is
/// found, ValueError.
class Accuracy : public Metric {
 public:
  explicit Accuracy(std::string name = "accuracy", AccuracyKind kind = AccuracyKind::automatic);

  std::string name() const override { return name_; }
  void reset() override;
  /// Throws ShapeError where targets and predictions do not fit.
  void update(const Tensor& targets, const Tensor& predictions) override;
  double value() const override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  std::int64_t right() const;
  void forget_counts() const;

  std::string name_;
  AccuracyKind kind_;
  mutable std::int64_t right_ = 0, unread_ = 0;  // unread_: of those counted in counts_ alone
  std::int64_t count_ = 0;
  mutable Tensor counts_;  // where the predictions are: right ones, targets that are no class
};

/// Share of samples whose true class is among the k largest predictions; targets one-hot or class
/// numbers. Equal predictions count for it, as in Keras.
class TopKAccuracy : public Metric {
 public:
  /// Throws ValueError unless k >= 1.
  explicit TopKAccuracy(int k = 5, std::string name = "top_k_categorical_accuracy");

  std::string name() const override { return name_; }
  void reset() override;
  void update(const Tensor& targets, const Tensor& predictions) override;
  double value() const override;
  void save(State& state) const override;
  void load(const State& state) override;

 private:
  int k_;
  std::string name_;
  std::int64_t right_ = 0, count_ = 0;
};

/// Counts of samples by true and predicted class. Classes by the largest of the last axis; one
/// column means two classes, told apart at 0.5. Its value is the accuracy.
///
/// ```cpp
/// ConfusionMatrix matrix;
/// matrix.update(Tensor::from({0, 1, 1}, {3}), Tensor::from({.9, .1, .2, .8, .6, .4}, {3, 2}));
/// std::int64_t missed = matrix.count(1, 0);  // of class 1, taken for class 0: 1
/// ```
class ConfusionMatrix : public Metric {
 public:
  explicit ConfusionMatrix(std::string name = "confusion_matrix");

  std::string name() const override { return name_; }
  void reset() override;
  /// Throws ShapeError where targets and predictions do not fit or the number of classes changes,
  /// ValueError for a class number out of range.
  void update(const Tensor& targets, const Tensor& predictions) override;
  double value() const override;
  void save(State& state) const override;
  void load(const State& state) override;

  /// 0 before the first batch.
  std::int64_t classes() const { return classes_; }
  std::int64_t count(std::int64_t true_class, std::int64_t predicted) const;
  /// [classes, classes], row by row: true x predicted.
  const std::vector<std::int64_t>& counts() const { return counts_; }
  /// Samples, in all and truly of a class.
  std::int64_t total() const;
  std::int64_t support(std::int64_t c) const;
  /// Whether two classes were told by one column.
  bool one_column() const { return one_column_; }
  /// Of what was predicted as this class, the share that truly is; 0 where nothing was.
  double precision(std::int64_t c) const;
  /// Of what truly is of this class, the share that was predicted so; 0 where nothing is.
  double recall(std::int64_t c) const;
  /// Harmonic mean of both; 0 where both are.
  double f1(std::int64_t c) const;

 private:
  std::string name_;
  std::int64_t classes_ = 0;
  bool one_column_ = false;
  std::vector<std::int64_t> counts_;
};

/// How a value of each class becomes one.
enum class Average : std::uint8_t {
  macro,     // the mean over the classes, each as much as the other
  weighted,  // the mean over the samples
  binary     // that of class 1 of two
};

/// Options of Precision, Recall and F1.
struct ClassMetricOptions {
  std::optional<Average> average{};  // binary where the model has one output column, else macro
  std::optional<int> class_id{};     // this class alone instead
  std::string name{};                // "precision", "recall" or "f1_score"
};

/// Precision, Recall and F1: a figure of a confusion matrix. (Keras's Precision and Recall count
/// every probability above 0.5 instead; Keras's F1Score and scikit-learn count as here.)
class ClassMetric : public Metric {
 public:
  std::string name() const override { return options_.name; }
  void reset() override { matrix_.reset(); }
  void update(const Tensor& targets, const Tensor& predictions) override;
  /// Throws ValueError where class_id is out of range, or the average is binary and there are not
  /// two classes.
  double value() const override;
  void save(State& state) const override { matrix_.save(state); }
  void load(const State& state) override { matrix_.load(state); }

  /// The figure of each class.
  std::vector<double> per_class() const;
  const ConfusionMatrix& matrix() const { return matrix_; }

 protected:
  using Figure = double (ConfusionMatrix::*)(std::int64_t) const;
  ClassMetric(Figure figure, const char* name, ClassMetricOptions options);

 private:
  Figure figure_;
  ClassMetricOptions options_;
  ConfusionMatrix matrix_;
};

/// See ConfusionMatrix::precision().
class Precision : public ClassMetric {
 public:
  explicit Precision(ClassMetricOptions options = {});
};

/// See ConfusionMatrix::recall().
class Recall : public ClassMetric {
 public:
  explicit Recall(ClassMetricOptions options = {});
};

/// See ConfusionMatrix::f1().
class F1 : public ClassMetric {
 public:
  explicit F1(ClassMetricOptions options = {});
};

}  // namespace mien
