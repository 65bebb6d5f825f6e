#include "lib/core/kernels_for.h"

#include "kernels/cuda/api.h"
#include "lib/runtime/environment.h"

namespace mien {

const KernelTable& kernels_for(Device device, DType dtype) {
  device_api(device);
  apply_environment();
  return device == kCpu ? cpu_kernels(dtype) : cuda_kernels(dtype);
}

}  // namespace mien
