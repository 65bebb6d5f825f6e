#pragma once

#include <cstdint>
#include <string>

namespace mien {

/// The kinds of devices mien has kernels for.
enum class DeviceType : std::uint8_t { cpu, cuda };

/// Where bytes live and kernels run. The default is the CPU.
struct Device {
  DeviceType type = DeviceType::cpu;
  std::uint8_t index = 0;

  bool operator==(const Device&) const = default;
  /// "cpu", "cuda:0".
  std::string str() const;
};

/// The processor this program runs on.
inline constexpr Device kCpu{};

}  // namespace mien
