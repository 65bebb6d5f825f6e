#include "mien/ops/warp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "mien/base/error.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

// A place along an axis of n pixels, moved inside. TensorFlow's own steps, in its float.
float inside(float place, std::int64_t n, FillMode fill) {
  const float size = float(n), twice = 2 * size;
  if (fill == FillMode::constant) return place;
  if (n <= 1) return 0;
  if (fill == FillMode::reflect && place < 0) {
    if (place < twice) place += twice * float(std::int64_t(-place / twice));
    place = place < -size ? place + twice : -place - 1;
  } else if (fill == FillMode::reflect && place > size - 1) {
    place -= twice * float(std::int64_t(place / twice));
    if (place >= size) place = twice - place - 1;
  } else if (fill == FillMode::wrap && place < 0) {
    place += size * float(std::int64_t(-place / (size - 1)) + 1);
  } else if (fill == FillMode::wrap && place > size - 1) {
    place -= size * float(std::int64_t(place / (size - 1)));
  }
  return std::clamp(place, 0.0f, size - 1);
}

// Rows of [N * H * W, C] and their parts of the result; those outside have row 0 and part 0.
struct Taps {
  std::vector<double> rows{}, weights{};

  void add(std::int64_t row, double weight) {
    rows.push_back(double(row));
    weights.push_back(weight);
  }
};

}  // namespace

Tensor warp_images(const Tensor& x, std::span<const Affine> maps, const WarpOptions& options) {
  MIEN_CHECK(x.rank() == 4, ShapeError, "warp_images: input must be [N, H, W, C]; got ", x.shape());
  const std::int64_t n = x.shape()[0], height = x.shape()[1], width = x.shape()[2];
  MIEN_CHECK(std::int64_t(maps.size()) == n, ValueError, "warp_images: ", n,
             " images need as many maps; got ", maps.size());
  const std::int64_t pixels = n * height * width;
  MIEN_CHECK(pixels <= std::numeric_limits<std::int32_t>::max(), ShapeError,
             "warp_images: too many pixels in ", x.shape());
  if (x.numel() == 0) return x;
  const bool nearest = options.interpolation == Interpolation::nearest;
  std::vector<Taps> taps(nearest ? 1 : 4);
  std::vector<double> outside;  // how much of each pixel is fill_value
  for (std::int64_t image = 0; image < n; ++image) {
    const Affine& map = maps[std::size_t(image)];
    std::array<float, 6> a{};
    std::transform(map.begin(), map.end(), a.begin(), [](double v) { return float(v); });
    for (std::int64_t i = 0; i < height; ++i)
      for (std::int64_t j = 0; j < width; ++j) {
        const float from_x = a[0] * float(j) + a[1] * float(i) + a[2];
        const float from_y = a[3] * float(j) + a[4] * float(i) + a[5];
        const float px = inside(from_x, width, options.fill);
        const float py = inside(from_y, height, options.fill);
        double lost = 0;
        const auto add = [&](Taps& tap, float row, float column, double weight) {
          const bool there =
              row >= 0 && row < float(height) && column >= 0 && column < float(width);
          if (!there) lost += weight;
          tap.add(there ? (image * height + std::int64_t(row)) * width + std::int64_t(column) : 0,
                  there ? weight : 0);
        };
        if (nearest) {
          add(taps[0], std::round(py), std::round(px), 1);
        } else {
          const float top = std::floor(py), left = std::floor(px), v = py - top, u = px - left;
          add(taps[0], top, left, (1 - v) * (1 - u));
          add(taps[1], top, left + 1, (1 - v) * u);
          add(taps[2], top + 1, left, v * (1 - u));
          add(taps[3], top + 1, left + 1, v * u);
        }
        outside.push_back(lost * options.fill_value);
      }
  }
  const TensorOptions ints{.dtype = DType::i32, .device = x.device()};
  const Tensor flat = x.view({pixels, x.shape()[3]});
  Tensor y = Tensor::from(outside, {pixels, 1}, x.options());
  for (const Taps& tap : taps)
    y = y + gather(flat, Tensor::from(tap.rows, {pixels}, ints)) *
                Tensor::from(tap.weights, {pixels, 1}, x.options());
  return y.view(x.shape());
}

}  // namespace mien
