// The formulas of the optimizers, against Keras 3.
#include <vector>

#include "mien/base/box.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "mien/optim.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien::optim {
namespace {

using Numbers = std::vector<double>;

// Three steps of w = [1, -2] with given gradients (and, where b is given, b with twice w's first):
// the values after each step.
std::vector<Numbers> three_steps(Optimizer& optimizer, DType dtype, bool with_b = false) {
  const TensorOptions kind{.dtype = dtype};
  const Tensor w = Tensor::from({1, -2}, {2}, kind).requires_grad();
  const Tensor b = Tensor::from({.5}, {1}, kind).requires_grad();
  std::vector<NamedTensor> parameters{{"w", w}};
  if (with_b) parameters.push_back({"b", b});
  optimizer.bind(parameters);
  std::vector<Numbers> out;
  for (const Numbers& g : {Numbers{.5, -1}, Numbers{.1, .2}, Numbers{1e-4, 3}}) {
    optimizer.zero_grad();
    sum(w * Tensor::from(g, {2}, kind)).backward();
    if (with_b) sum(b * (2 * g[0])).backward();
    optimizer.step();
    out.push_back(values(w));
    if (with_b) out.back().push_back(values(b)[0]);
  }
  return out;
}

TEST_CASE("optimizers give Keras's numbers", "[optim]") {
  struct Case {
    const char* name;
    Box<Optimizer> (*make)();
    std::vector<Numbers> wanted;
  };
  const Case cases[] = {
      {"Adam",
       [] { return Box<Optimizer>(Adam(.1)); },
       {{.900001287, -1.90000105}, {.819698513, -1.84889913}, {.757611275, -1.89668477}}},
      {"AdamW",
       [] { return Box<Optimizer>(AdamW(.1)); },
       {{.899601281, -1.89920092}, {.818938673, -1.84733927}, {.756523848, -1.89438593}}},
      {"Adam, decay",
       [] { return Box<Optimizer>(Adam(.1, {.weight_decay = .1})); },
       {{.890001297, -1.88000107}, {.800798535, -1.81009912}, {.730703294, -1.83978379}}},
      {"SGD",
       [] { return Box<Optimizer>(SGD(.1)); },
       {{.949999988, -1.89999998}, {.939999998, -1.91999996}, {.939989984, -2.22000003}}},
      {"SGD, momentum",
       [] { return Box<Optimizer>(SGD(.1, {.momentum = .9})); },
       {{.949999988, -1.89999998}, {.894999981, -1.82999992}, {.845489979, -2.06699991}}},
      {"SGD, Nesterov",
       [] { return Box<Optimizer>(SGD(.1, {.momentum = .9, .nesterov = true})); },
       {{.904999971, -1.80999994}, {.845499992, -1.76699996}, {.800930977, -2.2802999}}},
      {"SGD, decay",
       [] { return Box<Optimizer>(SGD(.1, {.weight_decay = .1})); },
       {{.939999998, -1.88}, {.920599997, -1.88119996}, {.911383986, -2.16238809}}},
      {"RMSprop",
       [] { return Box<Optimizer>(RMSprop(.1)); },
       {{.683772862, -1.68377233}, {.618540168, -1.74900508}, {.618471384, -2.05134201}}},
      {"RMSprop, momentum",
       [] { return Box<Optimizer>(RMSprop(.1, {.momentum = .5})); },
       {{.683772862, -1.68377233}, {.460426629, -1.59089136}, {.348684758, -1.84678793}}},
      {"RMSprop, centered",
       [] { return Box<Optimizer>(RMSprop(.1, {.centered = true})); },
       {{.666667402, -1.66666687}, {.596781909, -1.7336694}, {.596708775, -2.04501772}}},
      {"RMSprop, centered, momentum",
       [] { return Box<Optimizer>(RMSprop(.1, {.momentum = .5, .centered = true})); },
       {{.666667402, -1.66666687}, {.43011561, -1.56700277}, {.311766595, -1.82851899}}},
      {"Adagrad",
       [] { return Box<Optimizer>(Adagrad(.1)); },
       {{.915484607, -1.90465379}, {.898817956, -1.9233855}, {.898801267, -2.01759672}}},
      {"schedule",
       [] { return Box<Optimizer>(SGD(ExponentialDecay(.1, 1, .5))); },
       {{.949999988, -1.89999998}, {.944999993, -1.90999997}, {.944997489, -1.98500001}}},
  };
  for (const Case& each : cases) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      INFO(each.name << " " << name_of(dtype));
      const Box<Optimizer> optimizer = each.make();
      const std::vector<Numbers> got = three_steps(*optimizer, dtype);
      for (std::size_t s = 0; s < 3; ++s)
        for (std::size_t i = 0; i < 2; ++i)
          // Keras computes the powers of beta in f32.
          CHECK(got[s][i] == Approx(each.wanted[s][i]).epsilon(5e-6));
    }
  }
}

TEST_CASE("clipping gives Keras's numbers", "[optim]") {
  struct Case {
    SGDOptions options;
    std::vector<Numbers> wanted;
  };
  const Case cases[] = {{{.clipnorm = .5},
                         {{.977639318, -1.95527864, .449999988},
                          {.967639327, -1.97527862, .429999977},
                          {.967637658, -2.02527857, .42997998}}},
                        {{.global_clipnorm = .5},
                         {{.983333349, -1.9666667, .466666669},
                          {.973333359, -1.98666668, .446666658},
                          {.97333169, -2.03666663, .44666332}}},
                        {{.clipvalue = .3},
                         {{.970000029, -1.97000003, .469999999},
                          {.960000038, -1.99000001, .449999988},
                          {.959990025, -2.01999998, .449979991}}}};
  for (const Case& each : cases) {
    SGD sgd(.1, each.options);
    const std::vector<Numbers> got = three_steps(sgd, DType::f32, true);
    for (std::size_t s = 0; s < 3; ++s)
      for (std::size_t i = 0; i < 3; ++i)
        CHECK(got[s][i] == Approx(each.wanted[s][i]).epsilon(1e-6));
  }
}

TEST_CASE("averaged weights are Keras's and are swapped in for a while", "[optim]") {
  SGD sgd(.1, {.use_ema = true, .ema_momentum = .9});
  const Tensor w = Tensor::from({1, -2}, {2}).requires_grad();
  sgd.bind(std::vector<NamedTensor>{{"w", w}});
  { const EmaSwap nothing_yet = sgd.swap_ema(); }
  for (const Numbers& g : {Numbers{.5, -1}, Numbers{.1, .2}, Numbers{1e-4, 3}}) {
    sgd.zero_grad();
    sum(w * Tensor::from(g, {2})).backward();
    sgd.step();
  }
  const Numbers before = values(w);
  {
    const EmaSwap averaged = sgd.swap_ema();
    CHECK(values(w)[0] == Approx(.94809902));
    CHECK(values(w)[1] == Approx(-1.93379998));
    CHECK_THROWS_WITH(sgd.step(), Contains("averaged weights are swapped in"));
  }
  CHECK(values(w) == before);
}

TEST_CASE("an update gives the same bits for one and two threads", "[optim]") {
  const Tensor start = random_tensor({100003}, 1, -1, 1, DType::f32);
  std::vector<Numbers> results;
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    const Tensor w = start.clone().requires_grad();
    Adam adam(.1, {.weight_decay = .01, .global_clipnorm = 1});
    adam.bind(std::vector<NamedTensor>{{"w", w}});
    for (int step = 0; step < 3; ++step) {
      adam.zero_grad();
      sum(w * w).backward();
      adam.step();
    }
    results.push_back(values(w));
  }
  set_num_threads(0);
  CHECK(results[0] == results[1]);
}

}  // namespace
}  // namespace mien::optim
