#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mien::io {

/// A zip archive in memory, as .keras files are: stored and deflated members. Everything that the
/// archive declares is checked against its length before memory is asked for. Not read, and said
/// so: zip64, several disks, encryption, other compressions.
class ZipReader {
 public:
  /// Throws IoError, which names `path`, where the bytes are no such archive.
  ZipReader(std::string path, std::string bytes);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// A member's content. Throws IoError where it is missing, damaged, or its checksum differs.
  std::string read(std::string_view name) const;

 private:
  struct Member {
    std::string name{};
    unsigned method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t stored = 0, size = 0;  // bytes in the archive, and unpacked
    std::size_t header = 0;              // where its local header begins
  };
  const Member* find(std::string_view name) const;
  void read_directory();

  std::string path_, bytes_;
  std::vector<Member> members_;
};

/// A zip archive of stored members, which every reader takes; dates are all the same, so that equal
/// contents give equal bytes. Throws IoError, which names `path`, beyond 4 GiB or without zlib.
std::string zip_stored(const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace mien::io
