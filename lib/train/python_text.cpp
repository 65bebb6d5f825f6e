#include "lib/train/python_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "mien/base/error.h"

namespace mien {
namespace {

/// A parsed "02d" or ".2f".
struct Format {
  bool zeros = false;
  int width = 0;
  int precision = -1;  // none given
  char type = 0;       // none given
};

int parse_number(std::string_view& text) {
  int number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
  text.remove_prefix(std::size_t(end - text.data()));
  return number;
}

bool parse_format(std::string_view text, Format& format) {
  format.zeros = text.starts_with('0');
  format.width = parse_number(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (text.empty() || text[0] < '0' || text[0] > '9') return false;
    format.precision = parse_number(text);
  }
  if (!text.empty()) {
    format.type = text[0];
    text.remove_prefix(1);
  }
  constexpr int kLongest = 64;
  return text.empty() && format.width >= 0 && format.width <= kLongest &&
         format.precision <= kLongest;
}

std::string print(const char* spec, int precision, double value) {
  char text[400];  // the largest double has 309 digits before the point
  std::snprintf(text, sizeof text, spec, precision, value);
  return text;
}

std::string number_text(const Format& format, double value, bool whole) {
  const int precision = format.precision < 0 ? 6 : format.precision;
  switch (format.type) {
    case 'd':
      return print("%.*f", 0, value);
    case 'f':
    case 'F':
      return print("%.*f", precision, value);
    case 'e':
      return print("%.*e", precision, value);
    case 'E':
      return print("%.*E", precision, value);
    case 'g':
      return print("%.*g", precision, value);
    case 'G':
      return print("%.*G", precision, value);
    case '%':
      return print("%.*f", precision, value * 100) + "%";
    default:
      break;
  }
  if (whole) return print("%.*f", 0, value);
  return format.precision < 0 ? python_text(value) : print("%.*g", precision, value);
}

std::string padded(const Format& format, std::string text) {
  if (int(text.size()) >= format.width) return text;
  const std::size_t missing = std::size_t(format.width) - text.size();
  const std::size_t at = format.zeros && text[0] == '-' ? 1 : 0;
  return text.insert(at, missing, format.zeros ? '0' : ' ');
}

std::string field_text(std::string_view pattern, std::string_view field, int epoch,
                       const Logs& logs) {
  const std::size_t colon = field.find(':');
  const std::string_view name = field.substr(0, colon);
  const bool whole = name == "epoch";
  const double* logged = logs.find(name);
  MIEN_CHECK(whole || logged, ValueError, "path '", pattern, "': there is no '", name, "'");
  Format format;
  const bool good = (colon == field.npos || parse_format(field.substr(colon + 1), format)) &&
                    (format.type == 0 ||
                     std::string_view("dfFeEgG%").find(format.type) != std::string_view::npos) &&
                    (format.type != 'd' || whole);
  MIEN_CHECK(good, ValueError, "path '", pattern, "': '{", field,
             "}' is no format for a number such as {epoch:02d} or {val_loss:.2f}");
  return padded(format, number_text(format, whole ? epoch + 1 : *logged, whole));
}

}  // namespace

std::string python_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const double magnitude = std::fabs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  char digits[40];
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  std::string out(digits, std::to_chars(digits, digits + sizeof digits, value, format).ptr);
  if (fixed && out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string format_path(std::string_view pattern, int epoch, const Logs& logs) {
  std::string out;
  std::string_view rest = pattern;
  while (!rest.empty()) {
    const char c = rest[0];
    const bool twice = rest.size() > 1 && rest[1] == c;
    if ((c == '{' || c == '}') && twice) {
      out += c;
      rest.remove_prefix(2);
    } else if (c == '{') {
      const std::size_t end = rest.find('}');
      MIEN_CHECK(end != rest.npos, ValueError, "path '", pattern, "': a { without its }");
      out += field_text(pattern, rest.substr(1, end - 1), epoch, logs);
      rest.remove_prefix(end + 1);
    } else {
      MIEN_CHECK(c != '}', ValueError, "path '", pattern, "': a } without its {");
      out += c;
      rest.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace mien
