#include "lib/io/hdf5_check.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "mien/base/error.h"

namespace mien::io {
namespace {

// The length that the file's superblock declares; 0 where the signature is missing.
std::uint64_t declared_size(std::string_view bytes) {
  unsigned char head[64] = {};
  std::memcpy(head, bytes.data(), std::min(bytes.size(), sizeof head));
  if (bytes.size() < 44 || !is_hdf5(bytes)) return 0;
  const int version = head[8];
  const int offset_size = version < 2 ? head[13] : head[9];
  // End-of-file address: the third address of the superblock, after 24 bytes (28 in version 1) or
  // 12 in versions 2 and 3.
  const int start = (version == 0 ? 24 : version == 1 ? 28 : 12) + 2 * offset_size;
  if (version > 3 || (offset_size != 8 && offset_size != 4)) return 0;
  std::uint64_t end = 0;
  std::memcpy(&end, head + start, std::size_t(offset_size));
  return end;
}

std::uint64_t little_endian(const char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Texts lie in global heaps, chains of objects by their sizes. The library (seen in 1.10.8) runs
// for ever through a chain with a step of zero, so damaged ones are found before it is asked.
bool heaps_are_whole(std::string_view bytes) {
  const std::string signature("GCOL\x01\0\0\0", 8);
  for (std::size_t at = 0; (at = bytes.find(signature, at)) != std::string::npos; at += 8) {
    if (bytes.size() - at < 16) return false;
    const std::uint64_t size = little_endian(&bytes[at + 8], 8);
    if (size > bytes.size() - at) return false;
    for (std::uint64_t place = 16; size >= place + 16;) {
      const char* object = &bytes[at + std::size_t(place)];
      const std::uint64_t length = little_endian(object + 8, 8);
      if (length > size - place) return false;
      // Object 0 is the free rest, whose length counts its own 16 bytes of head.
      const std::uint64_t step = little_endian(object, 2) == 0 ? length : 16 + (length + 7) / 8 * 8;
      if (step < 16) return false;
      place += step;
    }
  }
  return true;
}

}  // namespace

bool is_hdf5(std::string_view bytes) {
  return bytes.substr(0, 8) == std::string_view("\x89HDF\r\n\x1a\n", 8);
}

void check_hdf5(const std::string& path, std::string_view bytes) {
  const std::uint64_t declared = declared_size(bytes);
  MIEN_CHECK(declared > 0, IoError, path, ": not an HDF5 file");
  MIEN_CHECK(declared <= bytes.size(), IoError, path, ": truncated (", bytes.size(), " of ",
             declared, " bytes)");
  MIEN_CHECK(heaps_are_whole(bytes), IoError, path, ": damaged HDF5 file");
}

}  // namespace mien::io
