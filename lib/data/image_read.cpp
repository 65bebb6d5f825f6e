#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "lib/data/image_check.h"
#include "mien/base/error.h"
#include "mien/data/image.h"

namespace mien {
namespace detail {
namespace {

// Bounds what a few bytes of header can make us allocate: 2^27 pixels are 11585 x 11585.
constexpr std::int64_t kMaxPixels = std::int64_t(1) << 27;

bool read_file(const std::string& path, std::vector<std::uint8_t>& bytes, std::string& reason) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    reason = std::strerror(errno);
    return false;
  }
  // A pipe would block and a device may never end.
  if (!S_ISREG(status.st_mode)) {
    reason = S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file";
    return false;
  }
  if (status.st_size > std::numeric_limits<int>::max()) {
    reason = "the file is larger than 2 GiB";
    return false;
  }
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) {
    reason = std::strerror(errno);
    return false;
  }
  bytes.resize(std::size_t(status.st_size));
  const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file);
  const bool failed = std::ferror(file) != 0;
  if (failed) reason = std::strerror(errno);
  std::fclose(file);
  bytes.resize(count);
  return !failed;
}

}  // namespace

bool try_decode_image(std::span<const std::uint8_t> bytes, Image& image, std::string& reason) {
  reason.clear();
  ImageFormat format{};
  if (bytes.empty()) {
    reason = "the file is empty";
  } else if (bytes.size() > std::size_t(std::numeric_limits<int>::max())) {
    reason = "the file is larger than 2 GiB";
  } else if (!image_format(bytes, format)) {
    reason = "not a PNG, JPEG or BMP image";
  } else {
    reason = image_damage(bytes, format);
  }
  if (!reason.empty()) return false;

  Image sizes;
  if (!stb_info(bytes, sizes, reason)) return false;
  if (sizes.height <= 0 || sizes.width <= 0) {
    reason = "the image has no pixels";
    return false;
  }
  if (std::int64_t(sizes.height) * sizes.width > kMaxPixels) {
    reason = concat("too large: ", sizes.width, " x ", sizes.height, " pixels");
    return false;
  }
  return stb_decode(bytes, image, reason);
}

bool try_read_image(const std::string& path, Image& image, std::string& reason) {
  std::vector<std::uint8_t> bytes;
  return read_file(path, bytes, reason) && try_decode_image(bytes, image, reason);
}

}  // namespace detail

Image read_image(const std::string& path) {
  Image image;
  std::string reason;
  MIEN_CHECK(detail::try_read_image(path, image, reason), IoError, "read_image: ", path, ": ",
             reason);
  return image;
}

Image read_image(std::span<const std::uint8_t> bytes, const std::string& name) {
  Image image;
  std::string reason;
  MIEN_CHECK(detail::try_decode_image(bytes, image, reason), IoError, "read_image: ", name, ": ",
             reason);
  return image;
}

}  // namespace mien
