#include "lib/nn/naming.h"

#include <cctype>

namespace mien::nn {

// As Keras's to_snake_case: a '_' before a capital that starts a lower-case word, and between a
// lower-case letter or digit and a capital; "MaxPooling2D" -> "max_pooling2d" since digits bind to
// what follows.
std::string snake_case(std::string_view class_name) {
  if (class_name.empty()) return "module";
  std::string out;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(class_name[k]); };
    const bool upper = std::isupper(at(i));
    const bool starts_word = i + 1 < class_name.size() && std::islower(at(i + 1));
    if (i > 0 && upper && (starts_word || std::islower(at(i - 1)))) out += '_';
    out += char(std::tolower(at(i)));
  }
  return out;
}

}  // namespace mien::nn
