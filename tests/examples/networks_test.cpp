#include "examples/fer/networks.h"

#include "mien/base/error.h"
#include "mien/optim.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

std::int64_t trained_numbers(const nn::Module& model) {
  std::int64_t n = 0;
  for (const NamedTensor& each : model.parameters()) n += each.value.numel();
  return n;
}

TEST_CASE("resnet18 is the network of the paper, for small images of any size", "[examples]") {
  for (const int side : {44, 48, 17}) {
    const nn::Graph model = fer::resnet18({side, side, 1}, 7);
    CHECK(trained_numbers(model) == 11'171'271);
    const Tensor p = model(Tensor::ones({2, side, side, 1}));
    CHECK(p.shape() == Shape{2, 7});
  }
}

TEST_CASE("the networks of fer_train have the sizes they tell", "[examples]") {
  CHECK(trained_numbers(*fer::built_network("canonical", 7)) == 4'474'759);
  CHECK(trained_numbers(*fer::built_network("small", 7)) == 1'174'439);
  CHECK(trained_numbers(*fer::built_network("resnet18", 7)) == 11'171'271);
  CHECK_THROWS_WITH(fer::built_network("large", 7),
                    "--model must be canonical or small; got 'large'");
}

}  // namespace
}  // namespace mien
