#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/data/image.h"

// The only door to stb_image and stb_image_write. Their functions stay private to stb.cpp, so a
// program that brings its own stb links without clashes.
namespace mien::detail {

enum class ImageFormat : std::uint8_t { png, jpeg, bmp };

/// Declared sizes, without decoding; false and the reason where the header is damaged.
bool stb_info(std::span<const std::uint8_t> bytes, Image& sizes, std::string& reason);

/// Pixels with the channels as stored; false and the reason where the content is damaged.
bool stb_decode(std::span<const std::uint8_t> bytes, Image& image, std::string& reason);

/// A whole file in memory; false where memory runs out.
bool stb_encode(const Image& image, ImageFormat format, int jpeg_quality,
                std::vector<std::uint8_t>& bytes);

}  // namespace mien::detail
