#pragma once

#include <cstddef>
#include <vector>

#include "kernels/cuda/rt.h"

namespace mien {

/// An array of the CUDA device, of exactly its size, for tests of kernels.
template <class T>
class DeviceVector {
 public:
  /// Not written yet: NaN on the emulated device.
  explicit DeviceVector(std::size_t size)
      : size_(size), data_(static_cast<T*>(cuda::allocate(size * sizeof(T)))) {}
  explicit DeviceVector(const std::vector<T>& values) : DeviceVector(values.size()) {
    cuda::copy(data_, values.data(), size_ * sizeof(T), cuda::Direction::to_device,
               cuda::work_stream());
  }
  ~DeviceVector() { cuda::release(data_); }
  DeviceVector(const DeviceVector&) = delete;
  DeviceVector& operator=(const DeviceVector&) = delete;

  T* data() const { return data_; }
  /// Waits for the work stream.
  std::vector<T> read() const {
    std::vector<T> values(size_);
    cuda::copy(values.data(), data_, size_ * sizeof(T), cuda::Direction::to_host,
               cuda::work_stream());
    cuda::synchronize(cuda::work_stream());
    return values;
  }

 private:
  std::size_t size_;
  T* data_;
};

}  // namespace mien
