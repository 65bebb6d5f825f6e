#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/api.h"
#include "tests/support/catch.h"
#include "tests/support/settings.h"

namespace mien {
namespace {

std::vector<float> ramp(std::int64_t n) {
  std::vector<float> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i % 97) - 48.25f;
  return x;
}

std::vector<float> dropped(std::string_view isa, const std::vector<float>& x, double beta,
                           bool in_place) {
  set_cpu_isa(isa);
  std::vector<float> y = in_place ? x : ramp(std::int64_t(x.size()));
  if (beta == 0 && !in_place)  // what was there is not read
    y.assign(x.size(), std::numeric_limits<float>::quiet_NaN());
  const float* from = in_place ? y.data() : x.data();
  cpu_kernels(DType::f32)
      .dropout({std::int64_t(x.size()), from, y.data(), 0.3, beta, 7, 0x123456789}, nullptr);
  return y;
}

TEST_CASE("every instruction set drops the same elements", "[kernels]") {
  const KeepSettings keep;
  for (const std::string_view isa : runnable_isas()) {
    INFO("instruction set " << isa);
    for (const std::int64_t n : {0, 1, 3, 15, 16, 17, 511, 512, 513, 1029, 16384, 40001}) {
      INFO(n << " elements");
      std::vector<float> x = ramp(n);
      for (std::size_t i = 5; i < x.size(); i += 11) x[i] = std::numeric_limits<float>::infinity();
      const bool in_place = n % 2 == 1;
      CHECK(dropped(isa, x, 0, in_place) == dropped("base", x, 0, in_place));
      x = ramp(n);
      const std::vector<float> got = dropped(isa, x, .5, false);
      const std::vector<float> wanted = dropped("base", x, .5, false);
      float worst = 0;
      for (std::size_t i = 0; i < got.size(); ++i)
        worst = std::max(worst, std::abs(got[i] - wanted[i]));
      CHECK(worst <= 1e-5f);
    }
  }
}

}  // namespace
}  // namespace mien
