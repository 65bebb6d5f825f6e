#include "mien/train/metrics.h"

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

using namespace mien;

namespace {

double value(Metric& metric, const Tensor& targets, const Tensor& predictions) {
  metric.reset();
  metric.update(targets, predictions);
  return metric.value();
}

double accuracy(const Tensor& targets, const Tensor& predictions) {
  Accuracy metric;
  return value(metric, targets, predictions);
}

// Six samples of three classes: true 0 0 1 1 2 2, predicted 0 1 1 1 2 0.
const Tensor kLabels = Tensor::from({0, 0, 1, 1, 2, 2}, {6}, {.dtype = DType::i32});
const Tensor kScores = Tensor::from({.8, .1, .1, .2, .7, .1, .1, .6, .3,  //
                                     .3, .4, .3, .1, .2, .7, .5, .1, .4},
                                    {6, 3});

}  // namespace

TEST_CASE("accuracy tells by the shapes what is right, as Keras does", "[train]") {
  const Tensor three = Tensor::from({.1, .7, .2, .5, .3, .2}, {2, 3});
  CHECK(accuracy(Tensor::from({0, 1, 0, 0, 1, 0}, {2, 3}), three) == .5);          // categorical
  CHECK(accuracy(Tensor::from({1, 1}, {2}, {.dtype = DType::i32}), three) == .5);  // sparse
  CHECK(accuracy(Tensor::from({1, 0}, {2, 1}), three) == 1);
  CHECK(accuracy(Tensor::from({1, 0, 1}, {3, 1}), Tensor::from({.6, .5, .4}, {3, 1})) ==
        Approx(2 / 3.0));  // binary
  CHECK(accuracy(Tensor::from({1, 0}, {2}), Tensor::from({.6, .4}, {2})) == 1);

  Accuracy elements("b", AccuracyKind::binary);
  CHECK(value(elements, Tensor::from({0, 1, 0, 0, 1, 0}, {2, 3}), three) == Approx(5 / 6.0));
  CHECK_THROWS_WITH(accuracy(Tensor::zeros({3, 3}), three),
                    "accuracy: targets [3, 3] do not fit predictions [2, 3]");
  CHECK_THROWS_WITH(accuracy(Tensor::from({1, 3}, {2}, {.dtype = DType::i32}), three),
                    "metric: target 3 is no class of 0 .. 2");
}

TEST_CASE("metrics count samples over batches of different sizes", "[train]") {
  Accuracy metric;
  CHECK(metric.value() == 0);
  metric.update(Tensor::from({1, 1, 1}, {3, 1}), Tensor::from({.9, .9, .1}, {3, 1}));
  metric.update(Tensor::from({1}, {1, 1}), Tensor::from({.9}, {1, 1}));
  CHECK(metric.value() == .75);

  MeanMetric mean_of("m", [](const Tensor& t, const Tensor& p) { return mean(abs(t - p)); });
  mean_of.update(Tensor::zeros({3, 1}), Tensor::from({1, 2, 3}, {3, 1}));
  mean_of.update(Tensor::zeros({1, 1}), Tensor::from({6}, {1, 1}));
  CHECK(mean_of.value() == 3);
}

TEST_CASE("top-k accuracy counts equal predictions for the target", "[train]") {
  TopKAccuracy two(2);
  CHECK(value(two, kLabels, kScores) == 1);
  TopKAccuracy one(1);
  CHECK(value(one, kLabels, kScores) == Approx(4 / 6.0));
  CHECK(value(one, Tensor::from({0, 1, 0}, {1, 3}), Tensor::from({.4, .4, .2}, {1, 3})) == 1);
  CHECK_THROWS_WITH(TopKAccuracy(0), "TopKAccuracy: k must be at least 1; got 0");
}

TEST_CASE("the confusion matrix, precision, recall and F1 are those counted by hand", "[train]") {
  ConfusionMatrix matrix;
  matrix.update(kLabels.slice(0, 4), kScores.slice(0, 4));
  matrix.update(kLabels.slice(4, 6), kScores.slice(4, 6));
  CHECK(matrix.counts() == std::vector<std::int64_t>{1, 1, 0, 0, 2, 0, 1, 0, 1});
  CHECK(matrix.value() == Approx(4 / 6.0));
  CHECK(matrix.total() == 6);
  CHECK(matrix.precision(0) == .5);
  CHECK(matrix.precision(1) == Approx(2 / 3.0));
  CHECK(matrix.recall(2) == .5);
  CHECK(matrix.f1(2) == Approx(2 / 3.0));
  CHECK_THROWS_WITH(matrix.count(0, 3), "confusion_matrix: there is no class 3 of 3");

  Precision precision;
  CHECK(value(precision, kLabels, kScores) == Approx((.5 + 2 / 3.0 + 1) / 3));
  Recall recall;
  CHECK(value(recall, kLabels, kScores) == Approx(2 / 3.0));
  F1 f1;
  CHECK(value(f1, kLabels, kScores) == Approx((.5 + .8 + 2 / 3.0) / 3));
  CHECK(f1.per_class()[1] == Approx(.8));
  F1 second({.class_id = 1});
  CHECK(value(second, kLabels, kScores) == Approx(.8));
}

TEST_CASE("a class that never occurs counts as 0, and weights are by samples", "[train]") {
  const Tensor labels = Tensor::from({0, 0, 0, 1}, {4}, {.dtype = DType::i32});
  const Tensor scores =
      Tensor::from({.9, .1, 0, .9, .1, 0, .1, .9, 0, .1, .9, 0}, {4, 3});  // 0 0 1 1
  F1 macro;
  CHECK(value(macro, labels, scores) == Approx((.8 + 2 / 3.0 + 0) / 3));
  F1 weighted({.average = Average::weighted});
  CHECK(value(weighted, labels, scores) == Approx((3 * .8 + 2 / 3.0) / 4));
}

TEST_CASE("with one column precision and recall are those of class 1", "[train]") {
  const Tensor t = Tensor::from({1, 1, 1, 0}, {4, 1}), p = Tensor::from({.9, .8, .1, .7}, {4, 1});
  Precision precision;
  CHECK(value(precision, t, p) == Approx(2 / 3.0));
  Recall recall;
  CHECK(value(recall, t, p) == Approx(2 / 3.0));
}

TEST_CASE("metrics go on from a saved state", "[train]") {
  MetricList metrics{"accuracy", "mae", TopKAccuracy(2), F1(), ConfusionMatrix()};
  MetricList again{"accuracy", "mae", TopKAccuracy(2), F1(), ConfusionMatrix()};
  const Tensor one_hot =
      Tensor::from({1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1}, {6, 3});
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    metrics[i].update(one_hot.slice(0, 5), kScores.slice(0, 5));
    State state;
    metrics[i].save(state);
    again[i].load(state);
    for (MetricList* list : {&metrics, &again}) {
      (*list)[i].update(one_hot.slice(5, 6), kScores.slice(5, 6));
    }
    INFO(metrics[i].name());
    CHECK(metrics[i].value() == again[i].value());
    CHECK(metrics[i].value() > 0);
  }
}

TEST_CASE("metrics by name keep the name, an unknown or doubled one is refused", "[train]") {
  const MetricList metrics{"acc", "f1", "mse"};
  CHECK(metrics[0].name() == "acc");
  CHECK(metrics[1].name() == "f1");
  CHECK(metrics[2].name() == "mse");
  CHECK_THROWS_WITH(MetricList{"acuracy"},
                    Contains("metrics: 'acuracy' is not among accuracy, acc"));
  CHECK_THROWS_WITH((MetricList{"mae", "mae"}), "metrics: 'mae' is given twice");
}
