#include "lib/train/text_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "mien/base/error.h"

namespace mien {

bool text_file_exists(const std::string& path) { return std::ifstream(path).is_open(); }

std::string read_text_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.is_open()) text << file.rdbuf();
  MIEN_CHECK(file.is_open() && !file.bad(), IoError, path,
             ": cannot be read: ", std::strerror(errno));
  return text.str();
}

void write_text_file(std::string_view path, std::string_view text) {
  const std::string target(path);
  const std::string temporary = target + ".tmp";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  bool good = file != nullptr;
  int reason = errno;  // of the first thing that failed; later calls may overwrite errno
  const auto step = [&](bool succeeded) {
    if (good && !succeeded) reason = errno;
    good = good && succeeded;
  };
  if (file != nullptr) {
    step(std::fwrite(text.data(), 1, text.size(), file) == text.size());
    step(std::fflush(file) == 0);
    step(fsync(fileno(file)) == 0);
    step(std::fclose(file) == 0);
    if (good) step(std::rename(temporary.c_str(), target.c_str()) == 0);
    if (!good) std::remove(temporary.c_str());
  }
  MIEN_CHECK(good, IoError, target, ": cannot be written: ", std::strerror(reason));
}

}  // namespace mien
