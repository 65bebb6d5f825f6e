#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien {

/// Puts the instruction set, the math of convolutions and products, the default device and the
/// number of threads back at the end of a test.
class KeepSettings {
 public:
  KeepSettings()
      : isa_(cpu_isa()), math_(conv_math()), matmul_(float32_matmul()), device_(default_device()) {}
  ~KeepSettings() {
    set_default_device(device_);
    set_cpu_isa(isa_);
    set_conv_math(math_);
    set_float32_matmul(matmul_);
    set_num_threads(0);
  }
  KeepSettings(const KeepSettings&) = delete;
  KeepSettings& operator=(const KeepSettings&) = delete;

 private:
  std::string isa_;
  ConvMath math_;
  MatmulMath matmul_;
  Device device_;
};

/// The instruction sets that this machine runs.
inline std::vector<std::string_view> runnable_isas() {
  const KeepSettings keep;
  std::vector<std::string_view> out;
  for (const std::string_view isa : {"base", "avx2", "avx512", "neon"}) {
    try {
      set_cpu_isa(isa);
      out.push_back(isa);
    } catch (const ValueError&) {
    }
  }
  return out;
}

}  // namespace mien
