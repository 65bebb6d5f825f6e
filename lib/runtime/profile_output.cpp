// The one place below train that prints: where MIEN_PROFILE asks for it, when the program ends.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lib/runtime/profile.h"
#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {
namespace {

std::string& trace_path() {
  static std::string* const path = new std::string;  // as the record, needed to the very end
  return *path;
}

void write_profile() {
  profiling_now = false;
  std::fputs(profile_report().c_str(), stderr);
  const std::string& path = trace_path();
  if (path.empty()) return;
  std::FILE* file = std::fopen(path.c_str(), "w");
  bool written = file && std::fputs(profile_trace().c_str(), file) >= 0;
  if (file) written = std::fclose(file) == 0 && written;
  if (!written) std::fprintf(stderr, "MIEN_PROFILE: %s: cannot be written\n", path.c_str());
}

}  // namespace

void start_profile(std::string_view value) {
  if (value.empty() || value == "0") return;
  const bool is_file = value.size() > 5 && value.substr(value.size() - 5) == ".json";
  MIEN_CHECK(value == "1" || is_file, ValueError,
             "MIEN_PROFILE must be 0, 1 or a file whose name ends with .json; got '", value, "'");
  if (is_file) trace_path() = value;
  std::atexit(write_profile);
  profiling_now = true;
}

}  // namespace mien
