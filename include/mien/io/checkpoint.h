#pragma once

#include <string>

#include "mien/state.h"

namespace mien::io {

/// Writes a State to a file, atomically (temporary file, fsync, rename): a failure or a kill leaves
/// an earlier file whole. The file is a safetensors file: tensors as they are, the rest as JSON in
/// its metadata, doubles exact (also inf and NaN), and a checksum over all. Throws IoError naming
/// the file (folder missing, disk full).
///
/// ```cpp
/// State state;
/// state.set("epoch", 3);
/// io::save_checkpoint(state, "run.mien");
/// std::int64_t epoch = io::load_checkpoint("run.mien").get_int("epoch");
/// ```
void save_checkpoint(const State& state, const std::string& path);

/// The State of such a file; tensors on the CPU. Throws IoError naming the file where it is
/// missing, truncated, damaged (the checksum differs) or no checkpoint of mien.
State load_checkpoint(const std::string& path);

}  // namespace mien::io
