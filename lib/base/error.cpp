#include "mien/base/error.h"

#include <cstdio>

#include "mien/base/device.h"

namespace mien {
namespace detail {

void append(std::string& out, std::string_view text) { out += text; }
void append(std::string& out, long long value) { out += std::to_string(value); }
void append(std::string& out, unsigned long long value) { out += std::to_string(value); }

void append(std::string& out, double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  out += text;
}

}  // namespace detail

std::string Device::str() const {
  return type == DeviceType::cpu ? "cpu" : concat("cuda:", int(index));
}

}  // namespace mien
