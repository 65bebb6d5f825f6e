// In place of history_json.cpp where the library is built without nlohmann-json.
#include <string>

#include "mien/base/error.h"
#include "mien/train/history.h"

namespace mien {

std::string History::json() const {
  throw IoError(
      "history: this build of mien has no JSON; install nlohmann-json3-dev and build it again");
}

}  // namespace mien
