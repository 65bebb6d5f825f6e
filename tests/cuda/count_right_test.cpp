#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

TEST_CASE("rows whose largest prediction is right are counted as on the CPU", "[cuda]") {
  for (const TargetForm form :
       {TargetForm::binary, TargetForm::exact, TargetForm::numbers, TargetForm::rows}) {
    for (const std::int64_t rows : {0, 1, 8, 300}) {
      for (const std::int64_t cols : {1, 2, 7}) {
        if (cols > 1 && (form == TargetForm::binary || form == TargetForm::exact)) continue;
        CAPTURE(int(form), rows, cols);
        // Whole numbers, so that largest ones are equal now and then, and some are no class.
        const Tensor x = random_tensor({rows, cols}, 1, 0, 3, DType::f32).to(DType::i32);
        Tensor targets = random_tensor({rows, cols}, 2, -1, 8, DType::f32).to(DType::i32);
        if (form == TargetForm::exact) targets = random_tensor({rows, cols}, 2, 0, 2, DType::f32);
        const Tensor counts = Tensor::from({5, 3}, {2}, {.dtype = DType::i32});
        REQUIRE(twin({x.to(DType::f32), targets.to(DType::f32), counts},
                     [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                       k.count_right({.rows = rows,
                                      .cols = cols,
                                      .form = form,
                                      .x = b[0],
                                      .targets = b[1],
                                      .counts = static_cast<std::int32_t*>(b[2])},
                                     stream);
                     }) == "");
      }
    }
  }
}

TEST_CASE("count_right tells classes that do not exist from wrong answers", "[cuda]") {
  const Tensor x = Tensor::from({.1, .9, .9, .1, .3, .7, NAN, 1}, {4, 2});
  const Tensor targets = Tensor::from({1, 1, 2, 0.5}, {4});
  const Tensor counts = Tensor::zeros({2}, {.dtype = DType::i32});
  const auto count = [&](const KernelTable& k, void* const* b, StreamHandle stream) {
    k.count_right({.rows = 4,
                   .cols = 2,
                   .form = TargetForm::numbers,
                   .x = b[0],
                   .targets = b[1],
                   .counts = static_cast<std::int32_t*>(b[2])},
                  stream);
  };
  REQUIRE(twin({x, targets, counts}, count) == "");
  void* const host[] = {x.raw(), targets.raw(), counts.raw()};
  count(cpu_kernels(DType::f32), host, nullptr);
  REQUIRE(values(counts) == std::vector<double>{1, 2});
}

}  // namespace
}  // namespace mien
