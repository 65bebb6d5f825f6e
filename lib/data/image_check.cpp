#include "lib/data/image_check.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>

namespace mien::detail {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<std::uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<std::uint8_t, 3> kJpeg{0xff, 0xd8, 0xff};
constexpr std::array<std::uint8_t, 2> kBmp{'B', 'M'};

template <std::size_t N>
bool starts_with(Bytes bytes, const std::array<std::uint8_t, N>& magic) {
  return bytes.size() >= N && std::equal(magic.begin(), magic.end(), bytes.begin());
}

std::uint32_t big32(Bytes b, std::size_t at) {
  return std::uint32_t(b[at]) << 24 | std::uint32_t(b[at + 1]) << 16 |
         std::uint32_t(b[at + 2]) << 8 | b[at + 3];
}

std::uint32_t little16(Bytes b, std::size_t at) { return std::uint32_t(b[at]) | b[at + 1] << 8; }

std::uint32_t little32(Bytes b, std::size_t at) {
  return little16(b, at) | little16(b, at + 2) << 16;
}

/// CRC-32 of PNG (ISO 3309), a nibble at a time: images are small, a table of 16 suffices.
std::uint32_t crc32(Bytes bytes) {
  static constexpr std::array<std::uint32_t, 16> table{
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  std::uint32_t crc = ~0u;
  for (const std::uint8_t byte : bytes) {
    crc = table[(crc ^ byte) & 15] ^ (crc >> 4);
    crc = table[(crc ^ (byte >> 4)) & 15] ^ (crc >> 4);
  }
  return ~crc;
}

/// Walks the chunks (length, type, data, checksum) to a whole IEND.
std::string png_damage(Bytes bytes) {
  std::size_t at = kPng.size();
  while (bytes.size() - at >= 12) {
    const std::size_t length = big32(bytes, at);
    if (length > bytes.size() - at - 12) break;
    const Bytes body = bytes.subspan(at + 4, 4 + length);
    const std::string type(body.begin(), body.begin() + 4);
    if (crc32(body) != big32(bytes, at + 8 + length)) return "damaged PNG (a checksum is wrong)";
    if (type == "IEND") return "";
    at += 12 + length;
  }
  return "truncated PNG";
}

/// Whether a segment of Huffman tables (class and id, 16 counts, that many symbols; repeated) holds
/// at most 256 symbols a table. stb_image writes past its arrays where there are more.
bool huffman_tables_fit(Bytes segment) {
  while (segment.size() >= 17) {
    const Bytes counts = segment.subspan(1, 16);
    const std::size_t symbols = std::accumulate(counts.begin(), counts.end(), std::size_t(0));
    if (symbols > 256 || symbols > segment.size() - 17) return false;
    segment = segment.subspan(17 + symbols);
  }
  return segment.empty();
}

/// Walks the segments to the end-of-image marker. A thumbnail in an EXIF segment has one of its
/// own, so looking for the two bytes anywhere would not do.
std::string jpeg_damage(Bytes bytes) {
  std::size_t at = 2;
  while (at + 1 < bytes.size()) {
    if (bytes[at] != 0xff) return "damaged JPEG (a marker is missing)";
    const std::uint8_t marker = bytes[at + 1];
    if (marker == 0xff) {  // a fill byte
      ++at;
      continue;
    }
    at += 2;
    if (marker == 0xd9) return "";
    const bool alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    if (alone) continue;
    if (at + 2 > bytes.size()) break;
    const std::size_t length = std::size_t(bytes[at]) << 8 | bytes[at + 1];
    if (length < 2) return "damaged JPEG (a segment's length is wrong)";
    if (length > bytes.size() - at) break;
    if (marker == 0xc4 && !huffman_tables_fit(bytes.subspan(at + 2, length - 2))) {
      return "damaged JPEG (a Huffman table is wrong)";
    }
    at += length;
    if (marker != 0xda) continue;
    // Compressed data: ends at a marker that is neither a stuffed zero, a restart nor a fill byte.
    for (; at + 1 < bytes.size(); ++at) {
      const std::uint8_t next = bytes[at + 1];
      if (bytes[at] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) break;
    }
  }
  return "truncated JPEG";
}

std::string bmp_damage(Bytes bytes) {
  if (bytes.size() < 26) return "truncated BMP";
  const std::uint32_t header = little32(bytes, 14);
  const bool os2 = header == 12;
  if (!os2 && bytes.size() < 54) return "truncated BMP";
  const std::uint64_t width = os2 ? little16(bytes, 18) : little32(bytes, 18);
  // A negative height means rows from the top.
  const std::int64_t signed_height =
      os2 ? std::int64_t(little16(bytes, 20)) : std::int32_t(little32(bytes, 22));
  const std::uint64_t height = std::uint64_t(std::abs(signed_height));
  const std::uint64_t bits = little16(bytes, os2 ? 24 : 28);
  const std::uint64_t row = (width * bits + 31) / 32 * 4;
  const std::uint64_t available =
      bytes.size() - std::min<std::uint64_t>(bytes.size(), little32(bytes, 10));
  return row > 0 && height > available / row ? "truncated BMP" : "";
}

}  // namespace

bool image_format(Bytes bytes, ImageFormat& format) {
  if (starts_with(bytes, kPng)) {
    format = ImageFormat::png;
  } else if (starts_with(bytes, kJpeg)) {
    format = ImageFormat::jpeg;
  } else if (starts_with(bytes, kBmp)) {
    format = ImageFormat::bmp;
  } else {
    return false;
  }
  return true;
}

std::string image_damage(Bytes bytes, ImageFormat format) {
  switch (format) {
    case ImageFormat::png:
      return png_damage(bytes);
    case ImageFormat::jpeg:
      return jpeg_damage(bytes);
    case ImageFormat::bmp:
      return bmp_damage(bytes);
  }
  return "";
}

}  // namespace mien::detail
