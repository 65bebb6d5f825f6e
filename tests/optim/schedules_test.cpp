#include "mien/optim/schedules.h"

#include <cmath>
#include <utility>

#include "mien/base/error.h"
#include "tests/support/catch.h"

namespace mien::optim {
namespace {

void check(const LearningRateSchedule& schedule,
           std::initializer_list<std::pair<std::int64_t, double>> wanted) {
  for (const auto& each : wanted) {
    INFO("step " << each.first);
    CHECK(schedule.lr(each.first) == Approx(each.second).epsilon(1e-6));
  }
}

// All but StepDecay's and OneCycle's with Keras 3, those with PyTorch.
TEST_CASE("schedules give the numbers of Keras and PyTorch", "[optim]") {
  check(ExponentialDecay(.1, 4, .5), {{0, .1}, {1, .08408964}, {4, .05}, {10, .01767767}});
  check(ExponentialDecay(.1, 4, .5, {.staircase = true}), {{0, .1}, {3, .1}, {4, .05}, {10, .025}});
  check(StepDecay(.1, 4, .5), {{0, .1}, {3, .1}, {4, .05}, {10, .025}});
  check(CosineDecay(.1, 10, {.alpha = .1}), {{0, .1}, {3, .08145034}, {10, .01}, {20, .01}});
  check(CosineDecay(0, 10, {.alpha = .1, .warmup_target = .1, .warmup_steps = 5}),
        {{0, 0}, {2, .04}, {5, .1}, {9, .06890576}, {15, .01}, {40, .01}});
  check(CosineDecayRestarts(.1, 4, {.m_mul = .5, .alpha = .1}), {{0, .1},
                                                                 {3, .0231802},
                                                                 {4, .055},
                                                                 {5, .05328729},
                                                                 {11, .01171271},
                                                                 {12, .0325},
                                                                 {27, .01021617},
                                                                 {28, .02125},
                                                                 {30, .02114192}});
  check(CosineDecayRestarts(.1, 4, {.t_mul = 1, .m_mul = .5}),
        {{0, .1}, {3, .01464466}, {4, .05}, {5, .04267767}, {9, .02133884}});
  check(PiecewiseConstantDecay({5, 10}, {1, .5, .1}),
        {{0, 1}, {5, 1}, {6, .5}, {10, .5}, {11, .1}});
  check(OneCycle(.1, 20), {{0, .004},
                           {2, .0371671843},
                           {5, .1},
                           {6, .0987464006},
                           {12, .0500002},
                           {19, 4e-7},
                           {50, 4e-7}});
}

TEST_CASE("periods that grow threefold restart where they end", "[optim]") {
  const CosineDecayRestarts schedule(1, 1, {.t_mul = 3});
  std::int64_t end = 0;
  for (std::int64_t length = 1; length < 1000; length *= 3)
    CHECK(schedule.lr(end += length) == 1.0);
}

TEST_CASE("schedules say what they wanted", "[optim]") {
  CHECK_THROWS_WITH(StepDecay(.1, 0), "StepDecay: the number of steps must be positive; got 0");
  CHECK_THROWS_WITH(CosineDecay(-1, 3),
                    "CosineDecay: a learning rate must be finite and not negative; got -1");
  CHECK_THROWS_AS(ExponentialDecay(std::nan(""), 3, .5), ValueError);
  CHECK_THROWS_WITH(
      PiecewiseConstantDecay({1, 2}, {1, 2}),
      "PiecewiseConstantDecay: one value more than boundaries is needed; got 2 for 2");
  CHECK_THROWS_WITH(CosineDecayRestarts(.1, 3, {.t_mul = .5}),
                    "CosineDecayRestarts: t_mul must be 1 or more; got 0.5");
  CHECK_THROWS_WITH(OneCycle(.1, 3, {.warmup_fraction = 1}),
                    "OneCycle: warmup_fraction must be between 0 and 1; got 1");
}

}  // namespace
}  // namespace mien::optim
