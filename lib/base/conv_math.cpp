#include "mien/base/conv_math.h"

#include "mien/base/error.h"

namespace mien {

constexpr std::string_view kNames[] = {"auto", "winograd", "direct", "reference"};

std::string_view name_of(ConvMath math) { return kNames[int(math)]; }

ConvMath conv_math_named(std::string_view name) {
  for (int i = 0; i < 4; ++i)
    if (kNames[i] == name) return ConvMath(i);
  MIEN_CHECK(false, ValueError, "convolutions must be auto, winograd, direct or reference; got '",
             name, "'");
  return ConvMath::automatic;
}

}  // namespace mien
