#include "lib/core/kernels_for.h"

#include "lib/runtime/environment.h"

namespace mien {

const KernelTable& kernels_for(Device device, DType dtype) {
  device_api(device);
  apply_environment();
  return cpu_kernels(dtype);
}

}  // namespace mien
