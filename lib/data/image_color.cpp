#include "mien/base/error.h"
#include "mien/data/image.h"

namespace mien {
namespace {

void check(const char* name, const Image& image) {
  const std::int64_t count = std::int64_t(image.height) * image.width * image.channels;
  MIEN_CHECK(image.height >= 0 && image.width >= 0 && image.channels >= 1 && image.channels <= 4 &&
                 count == std::int64_t(image.pixels.size()),
             ValueError, name, ": an image of ", image.height, " x ", image.width, " x ",
             image.channels, " does not fit its ", image.pixels.size(), " bytes");
}

}  // namespace

Image make_image(int height, int width, int channels, std::uint8_t value) {
  MIEN_CHECK(height > 0 && width > 0 && channels >= 1 && channels <= 4, ValueError,
             "make_image: sizes must be positive and channels in 1..4; got ", height, " x ", width,
             " x ", channels);
  const std::size_t count = std::size_t(height) * std::size_t(width) * std::size_t(channels);
  return {height, width, channels, std::vector<std::uint8_t>(count, value)};
}

Image to_grayscale(const Image& image) {
  check("to_grayscale", image);
  if (image.channels == 1) return image;
  const std::size_t step = std::size_t(image.channels);
  const std::size_t count = image.pixels.size() / step;
  Image gray{image.height, image.width, 1, std::vector<std::uint8_t>(count)};
  const std::uint8_t* in = image.pixels.data();
  for (std::size_t i = 0; i < count; ++i, in += step) {
    gray.pixels[i] =
        step == 2 ? in[0]
                  : std::uint8_t((19595u * in[0] + 38470u * in[1] + 7471u * in[2] + 32768u) >> 16);
  }
  return gray;
}

Image to_rgb(const Image& image) {
  check("to_rgb", image);
  if (image.channels == 3) return image;
  const std::size_t step = std::size_t(image.channels);
  const std::size_t count = image.pixels.size() / step;
  Image rgb{image.height, image.width, 3, std::vector<std::uint8_t>(count * 3)};
  const std::uint8_t* in = image.pixels.data();
  const std::size_t green = step < 3 ? 0 : 1, blue = step < 3 ? 0 : 2;
  for (std::size_t i = 0; i < count; ++i, in += step) {
    rgb.pixels[3 * i] = in[0];
    rgb.pixels[3 * i + 1] = in[green];
    rgb.pixels[3 * i + 2] = in[blue];
  }
  return rgb;
}

}  // namespace mien
