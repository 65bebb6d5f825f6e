#include "mien/nn/preprocessing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lib/nn/layer_config.h"
#include "lib/nn/sample_axes.h"
#include "mien/autograd.h"
#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

Tensor i32(const std::vector<double>& values) {
  return Tensor::from(values, {std::int64_t(values.size())}, {.dtype = DType::i32});
}

// As TensorFlow, in its float32.
ResizedAxis resized_axis(int in, int out, Interpolation interpolation) {
  std::vector<double> low, high, weight;
  const float scale = float(in) / float(out);
  for (int i = 0; i < out; ++i) {
    if (interpolation == Interpolation::nearest) {
      low.push_back(std::min(std::floor((float(i) + 0.5f) * scale), float(in - 1)));
      continue;
    }
    const float place = (float(i) + 0.5f) * scale - 0.5f, floor = std::floor(place);
    low.push_back(std::max(floor, 0.0f));
    high.push_back(std::min(std::ceil(place), float(in - 1)));
    weight.push_back(place - floor);
  }
  ResizedAxis axis{.low = i32(low)};
  if (weight.empty()) return axis;
  axis.high = i32(high);
  axis.weight = Tensor::from(weight, {std::int64_t(out)});
  return axis;
}

Tensor resized(const Tensor& x, int axis, const ResizedAxis& places) {
  const Tensor low = gather(x, places.low, axis);
  if (!places.weight.defined()) return low;
  Shape spread{1, 1, 1, 1};
  spread[axis] = places.weight.numel();
  const Tensor weight = places.weight.to(x.dtype()).view(spread);
  return low + (gather(x, places.high, axis) - low) * weight;
}

int cropped_size(const char* option, int size) {
  check_positive("CenterCrop", option, {size});
  return size;
}

Tensor part(const Tensor& x, int axis, int begin, int size) {
  return size == x.shape()[axis] ? x : slice(x, axis, {.begin = begin, .end = begin + size});
}

}  // namespace

Normalization::Normalization(NormalizationOptions options) : options_(std::move(options)) {
  MIEN_CHECK(options_.mean.size() == options_.variance.size(), ValueError,
             "Normalization: as many variances as means are required; got ",
             options_.variance.size(), " and ", options_.mean.size());
  MIEN_CHECK(options_.mean.size() <= 1 || options_.axis.size() == 1, ValueError,
             "Normalization: means of one axis can be given; got ", options_.axis.size(), " axes");
  set_name(options_.name);
}

Shape Normalization::build(const Shape& in) {
  axes_ = sample_axes(*this, options_.axis, in);
  const Shape sizes = sizes_of(axes_, in);
  if (built_) {
    MIEN_CHECK(mean_.numel() == 1 || mean_.shape() == sizes, ShapeError,
               "Normalization: was built for axes of ", mean_.shape(), "; got a sample of ", in);
    return in;
  }
  if (options_.mean.empty()) {
    mean_ = buffer("mean", sizes, 0.0);
    variance_ = buffer("variance", sizes, 1.0);
    buffer("count", Shape{}, 0.0);
  } else {
    const auto n = std::int64_t(options_.mean.size());
    MIEN_CHECK(n == 1 || n == sizes.numel(), ShapeError, "Normalization: ", n,
               " means do not fit a sample of ", in);
    const Shape given = n == 1 ? Shape{} : sizes;
    mean_ = Tensor::from(options_.mean, given);
    variance_ = Tensor::from(options_.variance, given);
  }
  built_ = true;
  return in;
}

Tensor Normalization::forward(const Tensor& x, Pass&) const {
  MIEN_CHECK(built_, ValueError,
             "Normalization: is not built; call build() with the shape of one sample");
  return in_f32(x, [&](const Tensor& wide) {
    const Shape spread =
        mean_.numel() == 1 ? Shape{1} : spread_shape(axes_, mean_.shape(), x.rank());
    const Tensor mean = mean_.to(wide.dtype()).view(spread);
    const Tensor deviation =
        clip(sqrt(variance_.to(wide.dtype())), 1e-7, std::numeric_limits<double>::infinity())
            .view(spread);
    return options_.invert ? mean + wide * deviation : (wide - mean) / deviation;
  });
}

Config Normalization::config() const {
  const Config::Ints axes(options_.axis.begin(), options_.axis.end());
  Config config;
  config.set("axis", axes.size() == 1 ? Config::Value(axes[0]) : Config::Value(axes))
      .set("mean", numbers_value(options_.mean))
      .set("variance", numbers_value(options_.variance));
  if (options_.invert) config.set("invert", true);  // a key that older files lack
  return config;
}

void Normalization::adapt(const Tensor& data) {
  MIEN_CHECK(options_.mean.empty(), ValueError,
             "Normalization: adapt() cannot change a given mean and variance");
  build(data.shape().slice(1));
  Axes others;
  for (int axis = 0; axis < data.rank(); ++axis)
    if (std::count(axes_.begin(), axes_.end(), axis) == 0) others.push_back(axis);
  const NoGradGuard quiet;
  mean_.copy_from(mean(data, others));
  variance_.copy_from(var(data, others));
}

Resizing::Resizing(int height, int width, ResizingOptions options)
    : size_{height, width}, options_(std::move(options)) {
  check_positive("Resizing", "height", {height});
  check_positive("Resizing", "width", {width});
  MIEN_CHECK(!options_.crop_to_aspect_ratio || !options_.pad_to_aspect_ratio, ValueError,
             "Resizing: only one of crop_to_aspect_ratio and pad_to_aspect_ratio may be set");
  set_name(options_.name);
}

Resizing::Plan Resizing::plan(const Shape& image) const {
  Plan plan;
  for (std::size_t i = 0; i < 2; ++i) plan.in[i] = plan.size[i] = int(image[int(i)]);
  for (std::size_t i = 0; i < 2; ++i) {
    // What the other axis and the new ratio ask of this one.
    const std::size_t other = 1 - i;
    const int wanted = int(float(plan.in[other] * size_[i]) / float(size_[other]));
    if (options_.crop_to_aspect_ratio) {
      plan.size[i] = std::max(std::min(plan.in[i], wanted), 1);
      plan.begin[i] = (plan.in[i] - plan.size[i]) / 2;
    } else if (options_.pad_to_aspect_ratio) {
      plan.pad[i] = (std::max(plan.in[i], wanted) - plan.in[i]) / 2;
    }
    plan.axes[i] = resized_axis(plan.size[i] + 2 * plan.pad[i], size_[i], options_.interpolation);
  }
  return plan;
}

Shape Resizing::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  MIEN_CHECK(in[0] > 0 && in[1] > 0, ShapeError, "Resizing: images must have pixels; got ", in);
  built_ = plan(in);
  return {size_[0], size_[1], in[2]};
}

Tensor Resizing::forward(const Tensor& x, Pass&) const {
  MIEN_CHECK(x.rank() == 4, ShapeError, "Resizing: input must be [N, H, W, C]; got ", x.shape());
  const bool known = built_.in[0] == x.shape()[1] && built_.in[1] == x.shape()[2];
  const Plan now = known ? built_ : plan(x.shape().slice(1));
  return in_f32(x, [&](const Tensor& wide) {
    Tensor y = wide;
    for (int axis = 1; axis <= 2; ++axis) {
      const auto i = std::size_t(axis - 1);
      y = part(y, axis, now.begin[i], now.size[i]);
    }
    if (now.pad[0] > 0 || now.pad[1] > 0)
      y = pad(y, {{}, {now.pad[0], now.pad[0]}, {now.pad[1], now.pad[1]}, {}}, options_.fill_value);
    return resized(resized(y, 1, now.axes[0]), 2, now.axes[1]);
  });
}

Config Resizing::config() const {
  return Config()
      .set("height", size_[0])
      .set("width", size_[1])
      .set("interpolation",
           options_.interpolation == Interpolation::nearest ? "nearest" : "bilinear")
      .set("crop_to_aspect_ratio", options_.crop_to_aspect_ratio)
      .set("pad_to_aspect_ratio", options_.pad_to_aspect_ratio)
      .set("fill_value", options_.fill_value);
}

CenterCrop::CenterCrop(int height, int width, LayerOptions options)
    : size_{cropped_size("height", height), cropped_size("width", width)},
      resizing_(height, width, {.crop_to_aspect_ratio = true}) {
  set_name(options.name);
}

Shape CenterCrop::build(const Shape& in) {
  check_sample(*this, in, 3, "[H, W, C]");
  return resizing_.build(in);
}

Tensor CenterCrop::forward(const Tensor& x, Pass& pass) const {
  MIEN_CHECK(x.rank() == 4, ShapeError, "CenterCrop: input must be [N, H, W, C]; got ", x.shape());
  const int above = int(x.shape()[1]) - size_[0], beside = int(x.shape()[2]) - size_[1];
  if (above < 0 || beside < 0) return resizing_(x, pass);
  return part(part(x, 1, above / 2, size_[0]), 2, beside / 2, size_[1]);
}

Config CenterCrop::config() const {
  return Config().set("height", size_[0]).set("width", size_[1]);
}

}  // namespace mien::nn
