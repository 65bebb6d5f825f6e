#include "tests/support/temp_dir.h"

#include <cstdlib>
#include <filesystem>

#include "mien/base/error.h"

namespace mien::test {

TempDir::TempDir() {
  path_ = (std::filesystem::temp_directory_path() / "mien_test_XXXXXX").string();
  MIEN_CHECK(::mkdtemp(path_.data()), IoError, "cannot make the folder ", path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mien::test
