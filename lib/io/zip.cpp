#include "lib/io/zip.h"

#ifdef MIEN_HAVE_ZLIB

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "mien/base/error.h"

// The format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.

namespace mien::io {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr std::uint64_t kFar = 0xffffffff;   // "see the zip64 record"
constexpr std::uint32_t kDate = 0x00210000;  // 1980-01-01, the first that there is
constexpr std::uint64_t kMostGrowth = 1032;  // deflate cannot do more

std::uint32_t number(std::string_view bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + std::size_t(i)]);
  return value;
}

void put(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += char(value >> (8 * i) & 0xff);
}

std::uint32_t checksum_of(std::string_view bytes) {
  uLong sum = crc32(0, nullptr, 0);
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), 1u << 30);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(bytes.data()), uInt(part));
    bytes.remove_prefix(part);
  }
  return std::uint32_t(sum);
}

// size bytes, or nothing where the packed ones do not give exactly these.
std::string inflated(std::string_view packed, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return {};
  std::size_t done = 0;
  int state = Z_OK;
  Bytef beyond = 0;  // where a stream that is longer than it says would go on
  while (state == Z_OK) {
    const std::size_t in = std::min<std::size_t>(packed.size(), 1u << 30);
    const std::size_t room = std::min<std::size_t>(size - done, 1u << 30);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = uInt(in);
    stream.next_out = room > 0 ? reinterpret_cast<Bytef*>(out.data() + done) : &beyond;
    stream.avail_out = room > 0 ? uInt(room) : 1;
    const uInt before = stream.avail_out;
    state = inflate(&stream, Z_NO_FLUSH);
    packed.remove_prefix(in - stream.avail_in);
    const std::size_t made = before - stream.avail_out;
    if (room == 0 && made > 0) break;
    done += made;
    if (made == 0 && stream.avail_in == in) break;  // no progress: the stream is cut off
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && done == size ? out : std::string();
}

}  // namespace

ZipReader::ZipReader(std::string path, std::string bytes)
    : path_(std::move(path)), bytes_(std::move(bytes)) {
  read_directory();
}

void ZipReader::read_directory() {
  const std::string_view all = bytes_;
  MIEN_CHECK(all.size() >= kEndSize, IoError, path_, ": truncated zip archive");
  // The end record is last, before a comment of at most 64 KiB.
  std::size_t end = all.size() - kEndSize;
  const std::size_t first = end > 0xffff ? end - 0xffff : 0;
  while (end > first && number(all, end, 4) != kEnd) --end;
  MIEN_CHECK(number(all, end, 4) == kEnd, IoError, path_,
             ": truncated zip archive (its directory is missing)");
  const std::uint32_t count = number(all, end + 10, 2), size = number(all, end + 12, 4),
                      start = number(all, end + 16, 4);
  MIEN_CHECK(count != 0xffff && size != kFar && start != kFar, IoError, path_,
             ": a zip64 archive, which is not read");
  MIEN_CHECK(number(all, end + 4, 2) == 0 && number(all, end + 8, 2) == count, IoError, path_,
             ": a zip archive of several disks, which is not read");
  MIEN_CHECK(std::uint64_t(start) + size <= end, IoError, path_, ": damaged zip directory");
  std::size_t at = start;
  const std::size_t stop = std::size_t(start) + size;
  for (std::uint32_t i = 0; i < count; ++i) {
    MIEN_CHECK(stop - at >= kCentralSize && number(all, at, 4) == kCentral, IoError, path_,
               ": damaged zip directory");
    const std::size_t name = number(all, at + 28, 2);
    const std::size_t whole =
        kCentralSize + name + number(all, at + 30, 2) + number(all, at + 32, 2);
    MIEN_CHECK(stop - at >= whole, IoError, path_, ": damaged zip directory");
    Member member{.name = std::string(all.substr(at + kCentralSize, name)),
                  .method = number(all, at + 10, 2),
                  .checksum = number(all, at + 16, 4),
                  .stored = number(all, at + 20, 4),
                  .size = number(all, at + 24, 4),
                  .header = number(all, at + 42, 4)};
    const std::string where = path_ + ": member '" + member.name + "'";
    MIEN_CHECK((number(all, at + 8, 2) & 1) == 0, IoError, where, " is encrypted");
    MIEN_CHECK(member.stored != kFar && member.size != kFar && member.header != kFar, IoError,
               where, " is of zip64, which is not read");
    MIEN_CHECK(!find(member.name), IoError, where, " is there twice");
    members_.push_back(std::move(member));
    at += whole;
  }
}

const ZipReader::Member* ZipReader::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member;
  return nullptr;
}

std::string ZipReader::read(std::string_view name) const {
  const std::string where = path_ + ": member '" + std::string(name) + "'";
  const Member* member = find(name);
  MIEN_CHECK(member, IoError, where, " is missing");
  const std::string_view all = bytes_;
  const std::size_t at = member->header;
  MIEN_CHECK(at <= all.size() && all.size() - at >= kLocalSize && number(all, at, 4) == kLocal,
             IoError, where, " is damaged");
  const std::size_t head = kLocalSize + number(all, at + 26, 2) + number(all, at + 28, 2);
  MIEN_CHECK(all.size() - at >= head && all.size() - at - head >= member->stored, IoError, where,
             " is truncated");
  const std::string_view stored = all.substr(at + head, std::size_t(member->stored));
  MIEN_CHECK(member->method == Z_DEFLATED || member->method == 0, IoError, where,
             " is compressed by method ", member->method, "; stored and deflated ones are read");
  std::string out;
  if (member->method == 0) {
    MIEN_CHECK(member->size == member->stored, IoError, where, " is damaged");
    out = stored;
  } else {
    MIEN_CHECK(member->size <= kMostGrowth * (member->stored + 1), IoError, where,
               " declares more than it can hold");
    out = inflated(stored, std::size_t(member->size));
    MIEN_CHECK(out.size() == member->size, IoError, where, " cannot be unpacked");
  }
  MIEN_CHECK(checksum_of(out) == member->checksum, IoError, where, " is damaged (checksum)");
  return out;
}

std::string zip_stored(const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out, directory;
  for (const auto& [name, content] : members) {
    MIEN_CHECK(out.size() + content.size() + name.size() < kFar - kLocalSize, IoError, path,
               ": beyond 4 GiB, which .keras files cannot hold; write a .h5 file");
    const std::size_t header = out.size();
    std::string both;  // what the local header and the directory share
    put(both, 20, 2);  // version 2.0
    put(both, 0, 2);
    put(both, 0, 2);  // stored
    put(both, kDate, 4);
    put(both, checksum_of(content), 4);
    put(both, content.size(), 4);
    put(both, content.size(), 4);
    put(both, name.size(), 2);
    put(both, 0, 2);
    put(out, kLocal, 4);
    out.append(both).append(name).append(content);
    put(directory, kCentral, 4);
    put(directory, 20, 2);
    directory += both;
    put(directory, 0, 2);            // comment
    put(directory, 0, 2);            // disk
    put(directory, 0, 2);            // kind of content
    put(directory, 0644u << 16, 4);  // permissions
    put(directory, header, 4);
    directory += name;
  }
  const std::size_t start = out.size();
  MIEN_CHECK(start + directory.size() < kFar, IoError, path, ": beyond 4 GiB");
  out += directory;
  put(out, kEnd, 4);
  put(out, 0, 4);
  put(out, members.size(), 2);
  put(out, members.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace mien::io

#else

#include "mien/base/error.h"

namespace mien::io {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw IoError(path +
                ": .keras files need zlib, which this build of mien lacks; install zlib1g-dev and "
                "build again");
}

}  // namespace

ZipReader::ZipReader(std::string path, std::string) { refuse(path); }
const ZipReader::Member* ZipReader::find(std::string_view) const { return nullptr; }
std::string ZipReader::read(std::string_view) const { return {}; }
void ZipReader::read_directory() {}
std::string zip_stored(const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>&) {
  refuse(path);
}

}  // namespace mien::io

#endif
