#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/shape_layers.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> zero_padding_from(const Config& c) {
  Config::Ints p = c.get_ints("padding", {1, 1, 1, 1});
  if (p.size() == 1) p = {p[0], p[0], p[0], p[0]};
  if (p.size() == 2) p = {p[0], p[0], p[1], p[1]};
  MIEN_CHECK(p.size() == 4, ValueError, "ZeroPadding2D: padding must be 1, 2 or 4 integers");
  return made(ZeroPadding2D({int(p[0]), int(p[1]), int(p[2]), int(p[3])}));
}

std::unique_ptr<Module> up_sampling_from(const Config& c) {
  const std::string how = c.get_string("interpolation", "nearest");
  MIEN_CHECK(how == "nearest" || how == "bilinear", ValueError,
             "UpSampling2D: interpolation must be nearest or bilinear; got '", how, "'");
  return made(UpSampling2D(
      pair_from(c, "size", {2, 2}),
      {.interpolation = how == "nearest" ? Interpolation::nearest : Interpolation::bilinear}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Flatten", [](const Config&) { return made(Flatten()); }},
    {"Reshape", [](const Config& c) { return made(Reshape(c.get_ints("target_shape", {-1}))); }},
    {"UpSampling2D", up_sampling_from},
    {"ZeroPadding2D", zero_padding_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_shape_layers() { return kLayers; }

}  // namespace mien::nn
