#pragma once

#include <string>

#include "mien/base/error.h"
#include "mien/io/model.h"
#include "mien/nn.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace mien {

inline std::string keras_fixture(const std::string& name) {
  return std::string(MIEN_TEST_DATA_DIR) + "/keras/" + name;
}

/// Skips the case where this build lacks HDF5 or zlib.
inline void need_formats() {
  const test::TempDir dir;
  nn::Sequential model{nn::Dense(1)};
  model.build({1});
  try {
    io::save_model(model, dir / "a.h5");
    io::save_model(model, dir / "a.keras");
  } catch (const IoError& error) {
    MIEN_SKIP(error.what());
  }
}

}  // namespace mien
