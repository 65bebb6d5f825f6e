#include "mien/base/act.h"

#include "mien/base/error.h"

namespace mien {
namespace {

// In the order of Act.
constexpr std::string_view kNames[] = {
    "linear", "relu",    "leaky_relu",   "elu",  "selu",     "gelu",    "gelu_tanh",
    "silu",   "sigmoid", "hard_sigmoid", "tanh", "softplus", "softmax", "exponential"};
static_assert(std::size(kNames) == std::size_t(Act::exponential) + 1);

}  // namespace

std::string_view name_of(Act act) { return kNames[std::size_t(act)]; }

Act act_named(std::string_view name) {
  if (name == "swish") return Act::silu;
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return Act(i);
  throw ValueError(concat("activation '", name, "' is unknown"));
}

}  // namespace mien
