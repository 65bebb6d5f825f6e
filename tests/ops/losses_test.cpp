#include "mien/ops/losses.h"

#include <cmath>
#include <limits>
#include <vector>

#include "lib/core/logits.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr TensorOptions kDouble{.dtype = DType::f64};

Tensor rows(std::initializer_list<double> values, std::int64_t n) {
  return Tensor::from(values, {n, std::int64_t(values.size()) / n}, kDouble);
}

// [N, 1 + C]: the losses and the gradients of their sum, as the golden files hold them.
Tensor losses_and_gradients(const Tensor& predictions, const Tensor& losses) {
  losses.backward(Tensor::ones(losses.shape(), losses.options()));
  const std::vector<double> loss = values(losses), dx = values(predictions.grad());
  const std::int64_t n = losses.numel(), c = predictions.shape()[-1];
  std::vector<double> out;
  for (std::int64_t r = 0; r < n; ++r) {
    out.push_back(loss[std::size_t(r)]);
    out.insert(out.end(), dx.begin() + r * c, dx.begin() + (r + 1) * c);
  }
  return Tensor::from(out, {n, c + 1}, kDouble);
}

TEST_CASE("losses and their gradients are those of PyTorch", "[ops][golden]") {
  const Tensor labels = golden("norm/loss_labels"), bits = golden("norm/loss_bits");
  const Tensor soft = golden("norm/loss_soft"), class_weight = golden("norm/loss_class_weight");
  const auto none = Reduction::none;
  struct Case {
    const char* file;
    const char* predictions;
    Tensor (*loss)(const Tensor& p, const Tensor& labels, const Tensor& soft, const Tensor& bits,
                   const Tensor& class_weight);
  };
  const Case cases[] = {
      {"sparse", "logits",
       [](const Tensor& p, const Tensor& l, const Tensor&, const Tensor&, const Tensor& w) {
         return sparse_categorical_crossentropy(
             l, p, {.from_logits = true, .class_weight = w, .reduction = none});
       }},
      {"smooth", "logits",
       [](const Tensor& p, const Tensor& l, const Tensor&, const Tensor&, const Tensor&) {
         return sparse_categorical_crossentropy(
             l, p, {.from_logits = true, .label_smoothing = 0.1, .reduction = none});
       }},
      {"categorical", "logits",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return categorical_crossentropy(t, p, {.from_logits = true, .reduction = none});
       }},
      {"probability", "raw",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return categorical_crossentropy(t, p, {.reduction = none});
       }},
      {"binary_logits", "logits",
       [](const Tensor& p, const Tensor&, const Tensor&, const Tensor& b, const Tensor&) {
         return binary_crossentropy(b, p, {.from_logits = true, .reduction = none});
       }},
      {"binary", "raw",
       [](const Tensor& p, const Tensor&, const Tensor&, const Tensor& b, const Tensor&) {
         return binary_crossentropy(b, p, {.label_smoothing = 0.1, .reduction = none});
       }},
      {"mse", "logits",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return mean_squared_error(t, p, {.reduction = none});
       }},
      {"mae", "logits",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return mean_absolute_error(t, p, {.reduction = none});
       }},
      {"huber", "logits",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return huber(t, p, {.delta = 0.7, .reduction = none});
       }},
      {"kl", "raw",
       [](const Tensor& p, const Tensor&, const Tensor& t, const Tensor&, const Tensor&) {
         return kl_divergence(t, p, {.reduction = none});
       }},
  };
  for (const Case& each : cases) {
    INFO(each.file);
    const Tensor expected = golden(std::string("norm/loss_") + each.file);
    const Tensor data = golden(std::string("norm/loss_") + each.predictions);
    const Tensor exact = data.clone().requires_grad();
    const Tensor got =
        losses_and_gradients(exact, each.loss(exact, labels, soft, bits, class_weight));
    CHECK(relative_error(got, expected) < 1e-12);
    const Tensor single = data.to(DType::f32).requires_grad();
    const Tensor close =
        losses_and_gradients(single, each.loss(single, labels, soft, bits, class_weight));
    CHECK(relative_error(close, expected) < 3e-7);
  }
}

// All with Keras 3.
TEST_CASE("losses give Keras's numbers", "[ops]") {
  const Tensor t = rows({0, 1, 0, 0, 0, 1}, 2), p = rows({.05, .95, 0, .1, .8, .1}, 2);
  const Tensor one_hot = rows({0, 1, 0}, 1), bits = rows({0, 1, 0, 0}, 2);
  const Tensor q = rows({.6, .4, .4, .6}, 2);
  CHECK(categorical_crossentropy(t, p).item() == Approx(1.1769392));
  CHECK(
      categorical_crossentropy(one_hot, rows({.05, .9, .05}, 1), {.label_smoothing = .1}).item() ==
      Approx(.29805201));
  CHECK(categorical_crossentropy(one_hot, rows({1, 0, 0}, 1)).item() == Approx(16.118095));
  const Tensor weights = Tensor::from({1, 3}, {2});
  CHECK(categorical_crossentropy(t, p, {.sample_weight = weights}).item() == Approx(3.4795244));
  CHECK(sparse_categorical_crossentropy(Tensor::from({1, 2}, {2}, {.dtype = DType::i32}),
                                        rows({.2, .3, .1, .1, .8, .1}, 2))
            .item() == Approx(1.4978662));
  CHECK(binary_crossentropy(bits, q).item() == Approx(.81492448));
  CHECK(binary_crossentropy(bits, rows({.6, .4, 0, .6}, 2), {.label_smoothing = .2}).item() ==
        Approx(1.0597606));
  CHECK(kl_divergence(bits, q).item() == Approx(.45814306));
  CHECK(huber(bits, rows({.6, .4, .4, 2.6}, 2)).item() == Approx(.635));
  CHECK(mean_squared_error(bits, rows({1, 1, 1, 0}, 2),
                           {.sample_weight = Tensor::from({.7, .3}, {2, 1})})
            .item() == Approx(.25));
}

TEST_CASE("gradients of losses are those of differences", "[ops][gradcheck]") {
  const Tensor x = random_tensor({4, 3}, 1), p = random_tensor({4, 3}, 2, 0.1, 0.9);
  const Tensor t = random_tensor({4, 3}, 3, 0.1, 0.9), w = random_tensor({4}, 4, 0.5, 2);
  const Tensor c = random_tensor({3}, 5, 0.5, 2);
  const Tensor labels = Tensor::from({0, 2, 1, 2}, {4}, {.dtype = DType::u8});
  const CrossEntropyOptions weighed{.label_smoothing = .2, .class_weight = c, .sample_weight = w};
  CrossEntropyOptions logits = weighed;
  logits.from_logits = true;
  CHECK(gradcheck([&](const Tensors& v) { return categorical_crossentropy(t, v[0], weighed); },
                  {p}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return categorical_crossentropy(t, v[0], logits); },
                  {x}) == "");
  CHECK(gradcheck(
            [&](const Tensors& v) { return sparse_categorical_crossentropy(labels, v[0], logits); },
            {x}) == "");
  CHECK(
      gradcheck(
          [&](const Tensors& v) { return sparse_categorical_crossentropy(labels, v[0], weighed); },
          {p}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return binary_crossentropy(t, v[0], weighed); }, {p}) ==
        "");
  CHECK(gradcheck([&](const Tensors& v) { return binary_crossentropy(t, v[0], logits); }, {x}) ==
        "");
  const LossOptions sums{.sample_weight = w, .reduction = Reduction::sum};
  CHECK(gradcheck([&](const Tensors& v) { return mean_squared_error(t, v[0], sums); }, {x}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return mean_absolute_error(t, v[0], sums); }, {x}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return kl_divergence(t, v[0], sums); }, {p}) == "");
  CHECK(gradcheck([&](const Tensors& v) { return huber(t, v[0], {.delta = .5}); }, {x}) == "");
}

TEST_CASE("a saturated softmax still has the gradient p - t through its logits", "[ops]") {
  const Tensor x = rows({200, 0, 0, 0, 0, 0}, 2).requires_grad();
  const Tensor t = rows({0, 1, 0, 0, 1, 0}, 2);
  Tensor p = softmax(x);
  note_logits(p, x, Act::softmax);
  const Tensor loss = categorical_crossentropy(t, p);
  CHECK(loss.item() == Approx((200 + std::log(3.0)) / 2));
  loss.backward();
  const std::vector<double> dx = values(x.grad());
  const std::vector<double> expected{.5, -.5, 0, 1.0 / 6, -1.0 / 3, 1.0 / 6};
  for (std::size_t i = 0; i < dx.size(); ++i) CHECK(dx[i] == Approx(expected[i]).margin(1e-12));

  // The clipped formula, which a view falls back to, has lost it.
  const Tensor again = x.detach().requires_grad();
  Tensor q = softmax(again);
  note_logits(q, again, Act::softmax);
  CHECK(logits_of(q.view({2, 3}), Act::softmax) == nullptr);
  categorical_crossentropy(t, q.view({2, 3})).backward();
  CHECK(values(again.grad())[0] == Approx(0).margin(1e-12));
}

TEST_CASE("logits are noted without recording, and for their activation only", "[ops]") {
  const NoGradGuard quiet;
  const Tensor x = rows({-300, 40}, 2);
  Tensor p = sigmoid(x);
  note_logits(p, x, Act::sigmoid);
  CHECK_FALSE(p.needs_grad());
  CHECK(logits_of(p, Act::softmax) == nullptr);
  CHECK(binary_crossentropy(rows({1, 1}, 2), p).item() == Approx(150));
}

TEST_CASE("binary classes with one column are weighed by target", "[ops]") {
  const Tensor t = Tensor::from({0, 1, 1}, {3}), p = Tensor::full({3, 1}, .5);
  const Tensor loss = binary_crossentropy(
      t, p, {.class_weight = Tensor::from({2, 3}, {2}), .reduction = Reduction::none});
  CHECK(relative_error(loss, Tensor::from({2 * std::log(2.0), 3 * std::log(2.0), 3 * std::log(2.0)},
                                          {3})) < 1e-6);
}

TEST_CASE("losses of sequences have a row per step and weights per sample", "[ops]") {
  const Tensor x = random_tensor({2, 3, 4}, 1), t = random_tensor({2, 3, 4}, 2);
  const Tensor plain = mean_squared_error(t, x, {.reduction = Reduction::none});
  REQUIRE(plain.shape() == Shape{2, 3});
  const Tensor weighed = mean_squared_error(
      t, x, {.sample_weight = Tensor::from({1, 10}, {2}), .reduction = Reduction::none});
  const std::vector<double> a = values(plain), b = values(weighed);
  for (std::size_t i = 0; i < 6; ++i) CHECK(b[i] == Approx(a[i] * (i < 3 ? 1 : 10)));
}

TEST_CASE("a masked logit of minus infinity costs nothing where its target is 0", "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = rows({0, 0, -inf}, 1).requires_grad();
  const Tensor loss = categorical_crossentropy(rows({1, 0, 0}, 1), x, {.from_logits = true});
  CHECK(loss.item() == Approx(std::log(2.0)));
  loss.backward();
  CHECK(values(x.grad()) == std::vector<double>{-.5, .5, 0});
}

TEST_CASE("losses of NaN are NaN", "[ops]") {
  const Tensor x = rows({0, std::numeric_limits<double>::quiet_NaN()}, 1), t = rows({1, 0}, 1);
  CHECK(std::isnan(categorical_crossentropy(t, x, {.from_logits = true}).item()));
  CHECK(std::isnan(categorical_crossentropy(t, x).item()));
  CHECK(std::isnan(mean_squared_error(t, x).item()));
  CHECK(std::isnan(binary_crossentropy(t, x, {.from_logits = true}).item()));
}

TEST_CASE("losses say what they wanted", "[ops]") {
  const Tensor p = Tensor::full({2, 3}, .3);
  const auto labels = [](std::initializer_list<double> v) {
    return Tensor::from(v, {std::int64_t(v.size())}, {.dtype = DType::i32});
  };
  CHECK_THROWS_WITH(categorical_crossentropy(Tensor::zeros({2, 4}), p),
                    "categorical_crossentropy: targets [2, 4] do not fit predictions [2, 3]");
  CHECK_THROWS_WITH(categorical_crossentropy(Tensor::zeros({3}), Tensor::zeros({3})),
                    "categorical_crossentropy: predictions must be [N, ..., C]; got [3]");
  CHECK_THROWS_WITH(sparse_categorical_crossentropy(labels({0, 3}), p),
                    "sparse_categorical_crossentropy: labels must be 0 to 2; got 3");
  CHECK_THROWS_WITH(sparse_categorical_crossentropy(labels({0, 1, 2}), p),
                    "sparse_categorical_crossentropy: labels [3] do not fit predictions [2, 3]");
  CHECK_THROWS_WITH(sparse_categorical_crossentropy(Tensor::zeros({2}), p),
                    "sparse_categorical_crossentropy: labels must be i32 or u8; got f32");
  CHECK_THROWS_WITH(mean_squared_error(p.clone().requires_grad(), p),
                    Contains("exchange the arguments"));
  CHECK_THROWS_WITH(categorical_crossentropy(p, p, {.label_smoothing = 2}),
                    "categorical_crossentropy: label_smoothing must be in [0, 1]; got 2");
  CHECK_THROWS_WITH(categorical_crossentropy(p, p, {.class_weight = Tensor::ones({2})}),
                    "categorical_crossentropy: class_weight must be [3]; got [2]");
  CHECK_THROWS_WITH(mean_squared_error(p, p, {.sample_weight = Tensor::ones({3})}),
                    "mean_squared_error: sample_weight [3] does not fit losses [2]");
  CHECK_THROWS_WITH(huber(p, p, {.delta = 0}), "huber: delta must be positive; got 0");
}

}  // namespace
}  // namespace mien
