#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/shape_layers.h"

namespace mien::nn {
namespace {

// {top, bottom, left, right} from one size, one of each axis, or all four.
std::array<int, 4> edges_from(const Config& c, const char* kind, const char* key, int fallback) {
  Config::Ints sizes = c.get_ints(key, {fallback});
  if (sizes.size() == 1) sizes = {sizes[0], sizes[0]};
  if (sizes.size() == 2) sizes = {sizes[0], sizes[0], sizes[1], sizes[1]};
  MIEN_CHECK(sizes.size() == 4, ValueError, kind, ": ", key, " must be 1, 2 or 4 integers");
  return {int(sizes[0]), int(sizes[1]), int(sizes[2]), int(sizes[3])};
}

std::unique_ptr<Module> zero_padding_from(const Config& c) {
  return made(ZeroPadding2D(edges_from(c, "ZeroPadding2D", "padding", 1)));
}

std::unique_ptr<Module> cropping_from(const Config& c) {
  return made(Cropping2D(edges_from(c, "Cropping2D", "cropping", 0)));
}

std::unique_ptr<Module> up_sampling_from(const Config& c) {
  const std::string how = c.get_string("interpolation", "nearest");
  MIEN_CHECK(how == "nearest" || how == "bilinear", ValueError, "UpSampling2D '",
             c.get_string("name", ""), "': interpolation ", how, " is not supported");
  return made(UpSampling2D(
      pair_from(c, "size", {2, 2}),
      {.interpolation = how == "nearest" ? Interpolation::nearest : Interpolation::bilinear}));
}

std::unique_ptr<Module> permute_from(const Config& c) {
  const Config::Ints dims = c.get_ints("dims", {});
  return made(Permute(std::vector<int>(dims.begin(), dims.end())));
}

constexpr BuiltinLayer kLayers[] = {
    {"Cropping2D", cropping_from},
    {"Flatten", [](const Config&) { return made(Flatten()); }},
    {"Permute", permute_from},
    {"RepeatVector", [](const Config& c) { return made(RepeatVector(int(c.need_int("n")))); }},
    {"Reshape", [](const Config& c) { return made(Reshape(c.get_ints("target_shape", {-1}))); }},
    {"UpSampling2D", up_sampling_from},
    {"ZeroPadding2D", zero_padding_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_shape_layers() { return kLayers; }

}  // namespace mien::nn
