#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mien::io {

/// The bytes of a file. Throws IoError naming the file and the system's reason.
std::string read_file(const std::string& path);

/// Writes a file that appears whole or not at all, as AtomicFile. Throws IoError.
void write_file(const std::string& path, std::string_view bytes);

/// A file that appears under its name only when complete: written beside it as PATH.tmp, flushed to
/// the disk, renamed. An earlier file of the name stays whole whatever happens. Not committed: the
/// temporary file is removed.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Creates the temporary file with these parts, one after the other. Throws IoError (disk full,
  /// not writable).
  void write(std::span<const std::string_view> parts);
  /// Flushes and renames. Throws IoError.
  void commit();

 private:
  std::string path_, temporary_;
  bool committed_ = false;
};

}  // namespace mien::io
