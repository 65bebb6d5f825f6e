// What kernels/cuda is where the build has no CUDA.
#include "kernels/cuda/api.h"

namespace mien {

bool cuda_built() { return false; }
int cuda_devices() { return 0; }
bool cuda_emulated() { return false; }
std::string why_no_cuda() { return "this build of mien has no CUDA backend"; }
std::string cuda_name(int) { return {}; }
void set_cuda_waits(bool) {}
bool cuda_waits() { return false; }
void use_cuda(int) {}
const DeviceApi& cuda_device_api() { return cpu_device_api(); }  // never called: there is no device
StreamHandle cuda_stream() { return nullptr; }
const KernelTable& cuda_kernels(DType) {
  static constexpr KernelTable none{};
  return none;
}

}  // namespace mien
