#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lib/data/stb.h"

namespace mien::detail {

/// Finds the format by the first bytes; false where they belong to none of the three.
bool image_format(std::span<const std::uint8_t> bytes, ImageFormat& format);

/// Why the container is incomplete or damaged; empty where it is whole. stb_image fills what is
/// missing of a JPEG or BMP with zeros and checks no checksum of a PNG, so this is done here.
std::string image_damage(std::span<const std::uint8_t> bytes, ImageFormat format);

/// read_image without an exception: false and the reason (without the name).
bool try_decode_image(std::span<const std::uint8_t> bytes, Image& image, std::string& reason);
bool try_read_image(const std::string& path, Image& image, std::string& reason);

}  // namespace mien::detail
