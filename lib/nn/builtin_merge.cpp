#include "lib/nn/builtin_layers.h"
#include "mien/base/error.h"
#include "mien/nn/merge.h"

namespace mien::nn {
namespace {

template <class M>
std::unique_ptr<Module> merge_from(const Config&) {
  return made(M());
}

std::unique_ptr<Module> dot_from(const Config& c) {
  MIEN_CHECK(c.has("axes"), ValueError, "config: no 'axes'");
  const Config::Ints axes = c.get_ints("axes", {});
  MIEN_CHECK(axes.size() == 1 || axes.size() == 2, ValueError,
             "Dot: axes must be one or two integers");
  return made(
      Dot({int(axes.front()), int(axes.back())}, {.normalize = c.get_bool("normalize", false)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Add", merge_from<Add>},
    {"Average", merge_from<Average>},
    {"Concatenate", [](const Config& c) { return made(Concatenate(int(c.get_int("axis", -1)))); }},
    {"Dot", dot_from},
    {"Maximum", merge_from<Maximum>},
    {"Minimum", merge_from<Minimum>},
    {"Multiply", merge_from<Multiply>},
    {"Subtract", merge_from<Subtract>},
};

}  // namespace

std::span<const BuiltinLayer> builtin_merge() { return kLayers; }

}  // namespace mien::nn
