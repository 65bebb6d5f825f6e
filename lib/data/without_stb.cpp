// In place of stb.cpp where the library is built without stb_image.
#include "lib/data/stb.h"
#include "mien/base/error.h"

namespace mien::detail {
namespace {

[[noreturn]] void refuse() {
  throw IoError(
      "images: this build of mien has no stb_image; install libstb-dev and build it again");
}

}  // namespace

bool stb_info(std::span<const std::uint8_t>, Image&, std::string&) { refuse(); }
bool stb_decode(std::span<const std::uint8_t>, Image&, std::string&) { refuse(); }
bool stb_encode(const Image&, ImageFormat, int, std::vector<std::uint8_t>&) { refuse(); }

}  // namespace mien::detail
