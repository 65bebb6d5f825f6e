#include "mien/runtime.h"

namespace mien {

std::string_view version() { return MIEN_VERSION; }

}  // namespace mien
