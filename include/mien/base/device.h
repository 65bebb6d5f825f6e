#pragma once

#include <cstdint>
#include <string>

namespace mien {

/// The kinds of devices mien has kernels for.
enum class DeviceType : std::uint8_t { cpu, cuda };

/// Where bytes live and kernels run. The default is the CPU. Aligned as a whole: otherwise clang 14
/// calls libatomic for an atomic Device.
struct alignas(2) Device {
  DeviceType type = DeviceType::cpu;
  std::uint8_t index = 0;

  bool operator==(const Device&) const = default;
  /// "cpu", "cuda:0".
  std::string str() const;
};

/// The processor this program runs on.
inline constexpr Device kCpu{};

}  // namespace mien
