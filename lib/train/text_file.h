#pragma once

#include <string>
#include <string_view>

namespace mien {

/// Whether something can be opened under that path.
bool text_file_exists(const std::string& path);

/// The bytes of a file. Throws IoError naming it.
std::string read_text_file(const std::string& path);

/// Writes a file that appears whole or not at all: a temporary file beside it, flushed to the
/// disk, then renamed. Throws IoError naming the path; what was there before then stays.
void write_text_file(std::string_view path, std::string_view text);

}  // namespace mien
