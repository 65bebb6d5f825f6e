#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mien/tensor.h"

namespace mien::io {

/// What a safetensors file holds: tensors by name, and strings by name.
struct Safetensors {
  std::vector<NamedTensor> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// The header of a safetensors file (length, JSON, padding), and the tensors in the order that
/// their bytes follow it in: largest alignment first, then by name, as the reference writer sorts
/// them.
struct SafetensorsHeader {
  std::string bytes;
  std::vector<NamedTensor> order;  // on the CPU
};
SafetensorsHeader safetensors_header(const Safetensors& content);

/// Reads the content of a file that has been loaded into memory. Everything is checked before it is
/// used: lengths, offsets without holes or overlaps, types. Throws IoError naming the file.
Safetensors parse_safetensors(std::string_view bytes, const std::string& path);

}  // namespace mien::io
