#include <algorithm>
#include <iterator>

#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/random_layers.h"

namespace mien::nn {
namespace {

// The place of an option's value among its names.
int one_of(const Config& c, const char* key, std::initializer_list<std::string_view> names,
           std::string_view fallback) {
  const std::string value = c.get_string(key, fallback);
  const auto found = std::find(names.begin(), names.end(), value);
  MIEN_CHECK(found != names.end(), ValueError, c.get_string("class_name", ""), " '",
             c.get_string("name", ""), "': ", key, " ", value, " is not supported");
  return int(found - names.begin());
}

FactorRange range_from(const Config& c, const char* key) {
  const std::vector<double> ends = numbers_from(c, key, {0});
  MIEN_CHECK(ends.size() <= 2, ValueError, "config: '", key, "' must be one or two numbers");
  return ends.size() == 1 ? FactorRange(ends[0]) : FactorRange(ends[0], ends[1]);
}

RandomWarpOptions warp_from(const Config& c) {
  return {.fill_mode = FillMode(
              one_of(c, "fill_mode", {"nearest", "constant", "reflect", "wrap"}, "reflect")),
          .interpolation = one_of(c, "interpolation", {"nearest", "bilinear"}, "bilinear") == 0
                               ? Interpolation::nearest
                               : Interpolation::bilinear,
          .fill_value = c.get_double("fill_value", 0)};
}

RandomValueOptions values_from(const Config& c) {
  const std::vector<double> range = numbers_from(c, "value_range", {0, 255});
  MIEN_CHECK(range.size() == 2, ValueError, "config: 'value_range' must be two numbers");
  return {.value_range = {range[0], range[1]}};
}

std::unique_ptr<Module> contrast_from(const Config& c) {
  const std::vector<double> ends = numbers_from(c, "factor", {0});
  return made(RandomContrast(ends.front(), ends.back(), values_from(c)));
}

std::unique_ptr<Module> zoom_from(const Config& c) {
  std::optional<FactorRange> width;
  const Config::Value* given = c.find("width_factor");
  if (given && !std::holds_alternative<std::monostate>(*given))
    width = range_from(c, "width_factor");
  return made(RandomZoom(range_from(c, "height_factor"), width, warp_from(c)));
}

std::unique_ptr<Module> translation_from(const Config& c) {
  return made(RandomTranslation(range_from(c, "height_factor"), range_from(c, "width_factor"),
                                warp_from(c)));
}

std::unique_ptr<Module> flip_from(const Config& c) {
  return made(
      RandomFlip(FlipMode(one_of(c, "mode", {"horizontal", "vertical", "horizontal_and_vertical"},
                                 "horizontal_and_vertical"))));
}

constexpr BuiltinLayer kLayers[] = {
    {"RandomBrightness",
     [](const Config& c) {
       return made(RandomBrightness(range_from(c, "factor"), values_from(c)));
     }},
    {"RandomContrast", contrast_from},
    {"RandomCrop",
     [](const Config& c) {
       return made(RandomCrop(int(c.need_int("height")), int(c.need_int("width"))));
     }},
    {"RandomFlip", flip_from},
    {"RandomRotation",
     [](const Config& c) { return made(RandomRotation(range_from(c, "factor"), warp_from(c))); }},
    {"RandomTranslation", translation_from},
    {"RandomZoom", zoom_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_random_layers() { return kLayers; }

}  // namespace mien::nn
