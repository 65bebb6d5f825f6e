#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/preprocessing.h"

namespace mien::nn {
namespace {

// Keras's None for the axes is an axis of none, no missing one.
Axes normalized_axes(const Config& c) {
  const Config::Value* axis = c.find("axis");
  if (axis && std::holds_alternative<std::monostate>(*axis)) return {};
  return axes_from(c, "axis", -1);
}

std::unique_ptr<Module> normalization_from(const Config& c) {
  return made(Normalization({.axis = normalized_axes(c),
                             .mean = numbers_from(c, "mean", {}),
                             .variance = numbers_from(c, "variance", {}),
                             .invert = c.get_bool("invert", false)}));
}

std::unique_ptr<Module> resizing_from(const Config& c) {
  refuse_options(c, {"antialias"});
  const std::string name = c.get_string("name", ""),
                    how = c.get_string("interpolation", "bilinear"),
                    fill = c.get_string("fill_mode", "constant");
  MIEN_CHECK(how == "nearest" || how == "bilinear", ValueError, "Resizing '", name,
             "': interpolation ", how, " is not supported");
  MIEN_CHECK(fill == "constant", ValueError, "Resizing '", name, "': fill_mode ", fill,
             " is not supported");
  return made(Resizing(
      int(c.need_int("height")), int(c.need_int("width")),
      {.interpolation = how == "nearest" ? Interpolation::nearest : Interpolation::bilinear,
       .crop_to_aspect_ratio = c.get_bool("crop_to_aspect_ratio", false),
       .pad_to_aspect_ratio = c.get_bool("pad_to_aspect_ratio", false),
       .fill_value = c.get_double("fill_value", 0)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"CenterCrop",
     [](const Config& c) {
       return made(CenterCrop(int(c.need_int("height")), int(c.need_int("width"))));
     }},
    {"Normalization", normalization_from},
    {"Resizing", resizing_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_preprocessing() { return kLayers; }

}  // namespace mien::nn
