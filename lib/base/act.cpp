#include "mien/base/act.h"

#include "mien/base/error.h"

namespace mien {
namespace {

// In the order of Act.
constexpr std::string_view kNames[] = {
    "linear",         "relu",        "leaky_relu", "elu",          "selu",           "gelu",
    "gelu_tanh",      "silu",        "sigmoid",    "hard_sigmoid", "tanh",           "softplus",
    "softmax",        "exponential", "relu6",      "celu",         "mish",           "hard_silu",
    "hard_sigmoid_2", "hard_tanh",   "softsign",   "log_sigmoid",  "log_softmax",    "tanh_shrink",
    "soft_shrink",    "hard_shrink", "squareplus", "sparse_plus",  "sparse_sigmoid", "sparsemax"};
static_assert(std::size(kNames) == std::size_t(Act::sparsemax) + 1);

}  // namespace

std::string_view name_of(Act act) { return kNames[std::size_t(act)]; }

Act act_named(std::string_view name) {
  if (name == "swish") return Act::silu;
  if (name == "hard_swish") return Act::hard_silu;
  MIEN_CHECK(name != "glu", ValueError,
             "activation 'glu' halves an axis, which no layer does; only the function glu() does");
  MIEN_CHECK(name != "threshold", ValueError,
             "activation 'threshold' has no default threshold; take ReLU's option");
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return Act(i);
  throw ValueError(concat("activation '", name, "' is unknown"));
}

}  // namespace mien
