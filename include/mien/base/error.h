#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace mien {

/// Root of all that mien throws. The message is one line that names the thing and the value.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A shape or rank does not fit; the message holds the shapes involved.
class ShapeError : public Error {
  using Error::Error;
};
/// An element type does not fit.
class DTypeError : public Error {
  using Error::Error;
};
/// A device is absent, or tensors of two devices meet.
class DeviceError : public Error {
  using Error::Error;
};
/// An argument is out of its range, or a call comes at the wrong time.
class ValueError : public Error {
  using Error::Error;
};
/// A file or folder is missing, damaged, foreign or cannot be written.
class IoError : public Error {
  using Error::Error;
};

namespace detail {

void append(std::string& out, std::string_view text);
void append(std::string& out, long long value);
void append(std::string& out, unsigned long long value);
void append(std::string& out, double value);

template <class T>
void append_any(std::string& out, const T& part) {
  if constexpr (requires { std::string_view(part); }) {
    append(out, std::string_view(part));
  } else if constexpr (requires { part.str(); }) {
    append(out, std::string_view(part.str()));
  } else if constexpr (requires { name_of(part); }) {
    append(out, std::string_view(name_of(part)));
  } else if constexpr (
      requires { static_cast<double>(part); } && !requires { part % 2; }) {
    append(out, static_cast<double>(part));
  } else if constexpr (static_cast<T>(-1) < T{}) {
    append(out, static_cast<long long>(part));
  } else {
    append(out, static_cast<unsigned long long>(part));
  }
}

}  // namespace detail

/// The parts as one string: text as it is, numbers in their shortest form, anything with str() or
/// name_of() by it (a Shape gives "[2, 3]").
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  (detail::append_any(out, parts), ...);
  return out;
}

}  // namespace mien

/// Throws mien::ErrorType with the concatenated parts unless condition holds. The parts are
/// evaluated on failure only.
#define MIEN_CHECK(condition, ErrorType, ...)                               \
  do {                                                                      \
    if (!(condition)) throw ::mien::ErrorType(::mien::concat(__VA_ARGS__)); \
  } while (false)
