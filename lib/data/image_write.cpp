#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/data/stb.h"
#include "mien/base/error.h"
#include "mien/data/image.h"

namespace mien {
namespace {

detail::ImageFormat format_of(const std::string& path) {
  const std::size_t dot = path.find_last_of("./");
  std::string suffix = dot == std::string::npos ? "" : path.substr(dot);
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (suffix == ".png") return detail::ImageFormat::png;
  if (suffix == ".jpg" || suffix == ".jpeg") return detail::ImageFormat::jpeg;
  if (suffix == ".bmp") return detail::ImageFormat::bmp;
  throw ValueError(concat("write_image: ", path, ": the suffix must be .png, .jpg, .jpeg or .bmp"));
}

/// Writes all bytes to path; the errno of the first failure, or 0.
int write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) return errno;
  int error = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) error = errno;
  // A full disk may show only when the buffer is flushed.
  if (std::fclose(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

void write_image(const std::string& path, const Image& image, const WriteImageOptions& options) {
  const detail::ImageFormat format = format_of(path);
  const std::int64_t count = std::int64_t(image.height) * image.width * image.channels;
  MIEN_CHECK(image.height > 0 && image.width > 0 && image.channels >= 1 && image.channels <= 4 &&
                 count == std::int64_t(image.pixels.size()),
             ValueError, "write_image: ", path, ": an image of ", image.height, " x ", image.width,
             " x ", image.channels, " does not fit its ", image.pixels.size(), " bytes");
  MIEN_CHECK(options.jpeg_quality >= 1 && options.jpeg_quality <= 100, ValueError,
             "write_image: jpeg_quality must be in 1..100; got ", options.jpeg_quality);

  std::vector<std::uint8_t> bytes;
  MIEN_CHECK(detail::stb_encode(image, format, options.jpeg_quality, bytes), IoError,
             "write_image: ", path, ": not enough memory to encode it");
  const std::string part = path + ".part";
  int error = write_file(part, bytes);
  if (error == 0 && std::rename(part.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(part.c_str());
    throw IoError(concat("write_image: ", path, ": ", std::strerror(error)));
  }
}

}  // namespace mien
