#pragma once

#include <string>
#include <string_view>

namespace mien::io {

/// Whether bytes begin as an HDF5 file does.
bool is_hdf5(std::string_view bytes);

/// What can be seen without the HDF5 library, before it is given the bytes: signature, declared
/// length, and heaps whose chains of objects end. Throws IoError naming the file.
void check_hdf5(const std::string& path, std::string_view bytes);

}  // namespace mien::io
