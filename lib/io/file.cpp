#include "lib/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "mien/base/error.h"

namespace mien::io {
namespace {

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw IoError(concat(path, ": ", what, ": ", std::strerror(errno)));
}

}  // namespace

std::string read_file(const std::string& path) {
  Descriptor file(path, O_RDONLY);
  if (!file.open()) fail(path, "cannot be opened");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail(path, "cannot be read");
  MIEN_CHECK(S_ISREG(info.st_mode), IoError, path, ": is not a file");
  std::string bytes(std::size_t(info.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot be read");
    MIEN_CHECK(got > 0, IoError, path, ": became shorter while it was read");
    done += std::size_t(got);
  }
  return bytes;
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)), temporary_(path_ + ".tmp") {}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::string_view> parts) {
  Descriptor file(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.open()) fail(path_, "cannot be written");
  for (std::string_view part : parts) {
    while (!part.empty()) {
      const ssize_t put = ::write(file.get(), part.data(), part.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail(path_, "cannot be written");
      part.remove_prefix(std::size_t(put));
    }
  }
  if (!file.close()) fail(path_, "cannot be written");
}

void AtomicFile::commit() {
  Descriptor file(temporary_, O_RDONLY);
  if (!file.open() || ::fsync(file.get()) != 0 || !file.close()) fail(path_, "cannot be written");
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot be written");
  committed_ = true;
  // The rename itself reaches the disk with the folder; some file systems cannot sync folders,
  // which is no error.
  const std::size_t slash = path_.rfind('/');
  const Descriptor folder(slash == std::string::npos ? "." : path_.substr(0, slash + 1),
                          O_RDONLY | O_DIRECTORY);
  if (folder.open()) ::fsync(folder.get());
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write({&bytes, 1});
  file.commit();
}

}  // namespace mien::io
