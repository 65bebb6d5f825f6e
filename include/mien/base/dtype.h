#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mien {

/// Element types of a Tensor. f32 and f64 compute, bf16 on a device alone; i32 and u8 store.
enum class DType : std::uint8_t { f32, f64, bf16, i32, u8 };

/// The upper half of an IEEE float: 8 bits of exponent, 7 of fraction.
struct bf16 {
  std::uint16_t bits = 0;
};

/// Bytes of one element: 4, 8, 2, 4, 1.
constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::f32:
      return 4;
    case DType::f64:
      return 8;
    case DType::bf16:
      return 2;
    case DType::i32:
      return 4;
    case DType::u8:
      return 1;
  }
  return 0;
}

/// "f32", "f64", "bf16", "i32", "u8": the spelling used in error messages.
constexpr std::string_view name_of(DType type) {
  switch (type) {
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
    case DType::bf16:
      return "bf16";
    case DType::i32:
      return "i32";
    case DType::u8:
      return "u8";
  }
  return "unknown";
}

/// Whether arithmetic is defined on it: f32 and f64.
constexpr bool computes(DType type) { return type == DType::f32 || type == DType::f64; }

/// DType of a C++ element type: dtype_of<float>() is DType::f32. Other types do not compile.
template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::f32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::f64;
}
template <>
constexpr DType dtype_of<bf16>() {
  return DType::bf16;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::i32;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::u8;
}

}  // namespace mien
