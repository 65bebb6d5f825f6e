#include "lib/data/stb.h"

#include <cstddef>
#include <memory>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wpedantic"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#endif
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_FAILURE_USERMSG
#include <stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace mien::detail {
namespace {

std::string failure() {
  const char* reason = stbi_failure_reason();
  return reason ? std::string("damaged image (") + reason + ")" : "damaged image";
}

void append(void* context, void* data, int size) {
  auto& bytes = *static_cast<std::vector<std::uint8_t>*>(context);
  const auto* begin = static_cast<const std::uint8_t*>(data);
  bytes.insert(bytes.end(), begin, begin + size);
}

}  // namespace

bool stb_info(std::span<const std::uint8_t> bytes, Image& sizes, std::string& reason) {
  const int found = stbi_info_from_memory(bytes.data(), int(bytes.size()), &sizes.width,
                                          &sizes.height, &sizes.channels);
  if (!found) reason = failure();
  return found != 0;
}

bool stb_decode(std::span<const std::uint8_t> bytes, Image& image, std::string& reason) {
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(bytes.data(), int(bytes.size()), &image.width, &image.height,
                            &image.channels, 0),
      stbi_image_free);
  if (!pixels) {
    reason = failure();
    return false;
  }
  const auto count =
      std::size_t(image.height) * std::size_t(image.width) * std::size_t(image.channels);
  image.pixels.assign(pixels.get(), pixels.get() + count);
  return true;
}

bool stb_encode(const Image& image, ImageFormat format, int jpeg_quality,
                std::vector<std::uint8_t>& bytes) {
  const int w = image.width, h = image.height, c = image.channels;
  const void* pixels = image.pixels.data();
  switch (format) {
    case ImageFormat::png:
      return stbi_write_png_to_func(append, &bytes, w, h, c, pixels, w * c) != 0;
    case ImageFormat::jpeg:
      return stbi_write_jpg_to_func(append, &bytes, w, h, c, pixels, jpeg_quality) != 0;
    case ImageFormat::bmp:
      return stbi_write_bmp_to_func(append, &bytes, w, h, c, pixels) != 0;
  }
  return false;
}

}  // namespace mien::detail
