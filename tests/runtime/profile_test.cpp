#include <nlohmann/json.hpp>
#include <string>

#include "mien/nn.h"
#include "mien/ops/conv2d.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/reduce.h"
#include "mien/runtime.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

// The row that begins with these words; "" where there is none.
std::string row(const std::string& report, const std::string& words) {
  const std::size_t at = report.find("\n" + words + " ");
  return at == std::string::npos ? "" : report.substr(at + 1, report.find('\n', at + 1) - at - 1);
}

void train_a_layer() {
  set_profiling(false);
  nn::Sequential model{nn::Conv2D(4, {3, 3}, {.padding = nn::same, .name = "stem"})};
  model.build({8, 8, 2});
  const Tensor x = Tensor::ones({2, 8, 8, 2});
  set_profiling(true);
  nn::Pass training{.training = true};
  sum(model(x, training)).backward();
  set_profiling(false);
}

TEST_CASE("a profile tells what the ops of each layer cost, forward and backward", "[runtime]") {
  train_a_layer();
  const std::string report = profile_report();
  INFO(report);
  // 2 x 8 x 8 x 4 outputs of 3 x 3 x 2 products: 0.000018 GFLOP; 256 + 72 + 512 floats.
  CHECK_THAT(row(report, "stem: conv2d forward"), Contains(" 1 ") && Contains(" 0.000 "));
  CHECK_THAT(row(report, "conv2d forward"), Contains(" 1 "));
  const Conv2dAlgorithms how =
      conv2d_algorithms({2, 8, 8, 2}, {3, 3, 2, 4}, {.padding = Padding::same});
  CHECK_THAT(row(report, "stem: conv2d forward"), Contains(how.forward));
  CHECK_THAT(row(report, "stem: conv2d grad_w backward"), Contains(how.grad_w));
  CHECK(row(report, "stem: conv2d grad_x backward") == "");  // x needs no gradient
  CHECK(row(report, "sum") != "");
}

TEST_CASE("a profile's trace is JSON with each call's cost", "[runtime]") {
  train_a_layer();
  const nlohmann::json trace = nlohmann::json::parse(profile_trace());
  int found = 0;
  for (const auto& event : trace.at("traceEvents")) {
    CHECK(event.at("ph") == "X");
    CHECK(event.at("dur").get<double>() >= 0);
    if (event.at("name") != "conv2d grad_w") continue;
    ++found;
    CHECK(event.at("cat") == "backward");
    CHECK(event.at("args").at("layer") == "stem");
    CHECK(event.at("args").at("GFLOP").get<double>() == Approx(2e-9 * 2 * 8 * 8 * 4 * 3 * 3 * 2));
    const double floats = 2 * 8 * 8 * (2 + 4) + 3 * 3 * 2 * 4;
    CHECK(event.at("args").at("MiB").get<double>() == Approx(4 * floats / (1 << 20)).epsilon(1e-3));
  }
  CHECK(found == 1);
}

TEST_CASE("a profile holds only what was called while it was taken", "[runtime]") {
  train_a_layer();
  set_profiling(true);
  const Tensor y = exp(Tensor::ones({4}));
  set_profiling(false);
  const Tensor z = sqrt(y);
  const std::string report = profile_report();
  CHECK(row(report, "exp") != "");
  CHECK(row(report, "sqrt") == "");
  CHECK(row(report, "conv2d forward") == "");
  set_profiling(true);
  set_profiling(false);
  CHECK(profile_report() == "mien profile: no op was called\n");
}

}  // namespace
}  // namespace mien
