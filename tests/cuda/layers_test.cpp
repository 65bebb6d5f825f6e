#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "mien/autograd.h"
#include "tests/nn/layer_cases.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Named {
  std::string name;
  Tensor value;
};

// A training pass of the layer on the default device: its output, and the gradients of inputs and
// parameters by uneven ones of the output.
std::vector<Named> pass_of(LayerCase& layer, DType dtype) {
  layer.build(dtype);
  Tensors inputs = layer.tensors(dtype);
  if (layer.ids == 0)
    for (Tensor& each : inputs) each.requires_grad();
  Generator random(5);
  nn::Pass pass{.training = true, .random = &random};
  const Tensor y = joined(layer.layer->call(inputs, pass));
  std::vector<Named> out{{"output", y.detach()}};
  if (!y.needs_grad()) return out;
  y.backward(filled(y.shape(), 3, dtype));
  for (std::size_t i = 0; layer.ids == 0 && i < inputs.size(); ++i)
    out.push_back({concat("gradient of input ", i), inputs[i].grad()});
  for (const NamedTensor& each : layer.layer->parameters())
    out.push_back({"gradient of " + each.name, each.value.grad()});
  for (const NamedTensor& each : layer.layer->buffers()) out.push_back({each.name, each.value});
  return out;
}

double largest(const Tensor& x) {
  double out = 0;
  for (const double each : values(x)) out = std::max(out, std::abs(each));
  return out;
}

}  // namespace

TEST_CASE("every layer gives on the device what the CPU gives, and its gradients", "[cuda]") {
  const Device cuda = cuda_or_skip();
  const KeepSettings keep;
  std::vector<LayerCase> here = layer_cases(), there = layer_cases();
  for (std::size_t i = 0; i < here.size(); ++i) {
    INFO(here[i].name);
    const std::string_view kind = here[i].layer->kind();
    if (kind.substr(0, 6) == "Random") continue;                         // as below
    if (kind == "GaussianNoise" || kind == "GaussianDropout") continue;  // train on the CPU alone
    set_default_device(kCpu);
    const std::vector<Named> wanted = pass_of(here[i], DType::f64);
    set_default_device(cuda);
    const std::vector<Named> got = pass_of(there[i], DType::f32);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t j = 0; j < got.size(); ++j) {
      INFO(wanted[j].name);
      REQUIRE(got[j].value.device() == cuda);
      // The bias of an attention's keys moves all scores of a query alike: its gradient is 0 but
      // for rounding.
      if (wanted[j].name == "gradient of key/bias") {
        CHECK(largest(wanted[j].value) < 1e-12);
        CHECK(largest(got[j].value) < 1e-5);
      } else {
        CHECK(relative_error(got[j].value, wanted[j].value) < 1e-5);
      }
    }
  }
}

}  // namespace mien
