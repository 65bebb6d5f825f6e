#include "tests/support/cuda_twin.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cuda/rt.h"
#include "lib/core/kernels_for.h"
#include "tests/support/cuda.h"
#include "tests/support/values.h"

namespace mien {
namespace {

using Bytes = std::vector<std::byte>;

// Arrays on the device, of exactly the buffers' sizes, each an allocation of its own.
class DeviceArrays {
 public:
  DeviceArrays(const std::vector<Tensor>& from, StreamHandle stream) : stream_(stream) {
    for (const Tensor& each : from) {
      sizes_.push_back(each.bytes());
      pointers_.push_back(cuda::allocate(std::max<std::size_t>(each.bytes(), 1)));
      cuda::copy(pointers_.back(), each.raw(), each.bytes(), cuda::Direction::to_device, stream);
    }
  }
  ~DeviceArrays() {
    for (void* each : pointers_) cuda::release(each);
  }
  DeviceArrays(const DeviceArrays&) = delete;
  DeviceArrays& operator=(const DeviceArrays&) = delete;

  void* const* pointers() const { return pointers_.data(); }
  std::vector<Bytes> read() const {
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      out.emplace_back(sizes_[i]);
      cuda::copy(out[i].data(), pointers_[i], sizes_[i], cuda::Direction::to_host, stream_);
      cuda::synchronize(stream_);
    }
    return out;
  }

 private:
  StreamHandle stream_;
  std::vector<std::size_t> sizes_;
  std::vector<void*> pointers_;
};

std::vector<Tensor> on_cpu(const std::vector<Tensor>& buffers, const KernelCall& call,
                           const TwinOptions& options) {
  const DType table = options.cpu_table.value_or(options.table);
  std::vector<Tensor> out;
  std::vector<void*> pointers;
  for (const Tensor& each : buffers) {
    out.push_back(each.dtype() == options.table ? each.to(table).clone() : each.clone());
    pointers.push_back(out.back().raw());
  }
  call(kernels_for(kCpu, table), pointers.data(), nullptr);
  return out;
}

// What x may have been before it was rounded to bf16: each number up to half a unit in the last
// place nearer to what is wanted.
Tensor unrounded(const Tensor& x, const Tensor& expected) {
  std::vector<double> out = values(x);
  const std::vector<double> wanted = values(expected);
  for (std::size_t i = 0; i < out.size(); ++i) {
    int exponent = 0;
    std::frexp(wanted[i], &exponent);  // below 2^exponent, of which bf16 has 8 bits
    const double half = std::ldexp(0.5, exponent - 8), off = wanted[i] - out[i];
    out[i] += std::clamp(off, -half, half);
  }
  return Tensor::from(out, x.shape(), {.dtype = x.dtype()});
}

std::string compare(const Tensor& expected, const Bytes& got, DType dtype,
                    const TwinOptions& options) {
  if (got.empty()) return "";
  Tensor tensor = Tensor::empty(expected.shape(), {.dtype = dtype});
  std::memcpy(tensor.raw(), got.data(), got.size());
  tensor = tensor.to(expected.dtype());
  if (std::memcmp(tensor.raw(), expected.raw(), tensor.bytes()) == 0) return "";  // NaN too
  if (!computes(expected.dtype()) && expected.dtype() != DType::bf16)
    return values(tensor) == values(expected) ? "" : "integers differ from the CPU's";
  if (options.rounded_once && dtype == DType::bf16) tensor = unrounded(tensor, expected);
  const double error = relative_error(tensor, expected);
  return error <= options.tolerance ? "" : concat("relative error ", error, " against the CPU");
}

}  // namespace

std::string twin(const std::vector<Tensor>& buffers, const KernelCall& call,
                 const TwinOptions& options) {
  const Device device = cuda_or_skip();
  const std::vector<Tensor> expected = on_cpu(buffers, call, options);
  std::vector<Bytes> first;
  for (int behaviour = 0; behaviour < cuda::behaviours(); ++behaviour) {
    cuda::choose_behaviour(behaviour);
    const StreamHandle stream = current_stream(device);
    std::vector<Bytes> got;
    try {
      const DeviceArrays arrays(buffers, stream);
      call(kernels_for(device, options.table), arrays.pointers(), stream);
      got = arrays.read();
    } catch (...) {
      cuda::choose_behaviour(0);
      throw;
    }
    cuda::choose_behaviour(0);
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (behaviour > 0 && got[i] != first[i])
        return concat("buffer ", i, ": behaviour ", behaviour, " gives other bits than the first");
      if (behaviour > 0) continue;
      const std::string wrong = compare(expected[i], got[i], buffers[i].dtype(), options);
      if (!wrong.empty()) return concat("buffer ", i, ": ", wrong);
    }
    if (behaviour == 0) first = std::move(got);
  }
  return "";
}

Tensor unwritten(const Shape& shape) {
  return Tensor::full(shape, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace mien
