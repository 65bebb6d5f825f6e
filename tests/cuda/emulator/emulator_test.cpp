#include "kernels/cuda/emulator/emulator.h"

#include "kernels/cuda/rt.h"
#include "tests/cuda/emulator/planted.h"
#include "tests/support/catch.h"

// The emulated device itself: every fault planted in a kernel is found, and none in a correct one.

namespace mien {
namespace {

using planted::Finder;
using planted::Planted;
using planted::Result;

// Of all behaviours of the device, those that show wrong numbers; or the text of a Fault.
struct Verdict {
  int wrong = 0;
  std::string text;
};

Verdict judge(Result (*run)()) {
  Verdict verdict;
  for (int behaviour = 0; behaviour < cuda::behaviours(); ++behaviour) {
    cuda::choose_behaviour(behaviour);
    try {
      const Result result = run();
      verdict.wrong += result.got != result.expected;
    } catch (const emu::Fault& fault) {
      if (verdict.text.empty()) verdict.text = fault.what();
    }
  }
  cuda::choose_behaviour(0);
  return verdict;
}

TEST_CASE("correct kernels pass on the emulated device in all its behaviours", "[cuda]") {
  for (const Planted& each : planted::all()) {
    CAPTURE(each.name);
    const Verdict verdict = judge(each.correct);
    CHECK(verdict.text == "");
    CHECK(verdict.wrong == 0);
  }
}

// Threads race and stray here, so it is no case for sanitizers: hence no [cuda].
TEST_CASE("the emulated device finds every planted fault", "[planted]") {
  for (const Planted& each : planted::all()) {
    if (each.finder == Finder::sanitizer) continue;
    CAPTURE(each.name);
    const Verdict verdict = judge(each.faulty);
    if (each.finder == Finder::numbers) {
      CHECK(verdict.text == "");
      CHECK(verdict.wrong > 0);
    } else {
      CHECK_THAT(verdict.text, Contains(each.text));
    }
  }
}

// Run by the deep tests in sanitizer builds, with -c and a fault's name.
TEST_CASE("one planted fault runs", "[.planted]") {
  for (const Planted& each : planted::all()) DYNAMIC_SECTION(each.name) {
      for (const int behaviour : {0, 1}) {
        cuda::choose_behaviour(behaviour);
        each.faulty();
      }
    }
}

}  // namespace
}  // namespace mien
