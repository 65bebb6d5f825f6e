#include "mien/tensor.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "mien/base/error.h"

namespace mien {
namespace {

const TensorImpl& checked(const Tensor& tensor) {
  MIEN_CHECK(tensor.defined(), ValueError, "tensor: used before anything was assigned to it");
  return *tensor.impl();
}

template <class T>
Tensor from_values(std::span<const T> values, const Shape& shape, const TensorOptions& options) {
  MIEN_CHECK(std::int64_t(values.size()) == shape.numel(), ShapeError, "tensor: ", shape, " needs ",
             shape.numel(), " values; got ", values.size());
  const Tensor host = Tensor::empty(shape, {.dtype = dtype_of<T>(), .device = kCpu});
  std::copy(values.begin(), values.end(), static_cast<T*>(host.raw()));
  return host.to(options.dtype).to(options.device.value_or(default_device()));
}

}  // namespace

Tensor Tensor::empty(const Shape& shape, const TensorOptions& options) {
  const Device device = options.device.value_or(default_device());
  return make_tensor(make_storage(device, std::size_t(shape.numel()) * size_of(options.dtype)), 0,
                     shape, options.dtype);
}

Tensor Tensor::zeros(const Shape& shape, const TensorOptions& options) {
  Tensor out = empty(shape, options);
  device_api(out.device()).zero(out.raw(), out.bytes(), stream_of(out));
  return out;
}

Tensor Tensor::ones(const Shape& shape, const TensorOptions& options) {
  return full(shape, 1.0, options);
}

Tensor Tensor::full(const Shape& shape, double value, const TensorOptions& options) {
  Tensor out = empty(shape, options);
  run("full", out, &KernelTable::fill, FillArgs{.n = out.numel(), .y = out.raw(), .value = value});
  return out;
}

Tensor Tensor::scalar(double value, const TensorOptions& options) {
  return full({}, value, options);
}

Tensor Tensor::from(std::initializer_list<double> values, const Shape& shape,
                    const TensorOptions& options) {
  return from_values(std::span<const double>(values.begin(), values.size()), shape, options);
}
Tensor Tensor::from(std::span<const double> values, const Shape& shape,
                    const TensorOptions& options) {
  return from_values(values, shape, options);
}
Tensor Tensor::from(std::span<const float> values, const Shape& shape,
                    const TensorOptions& options) {
  return from_values(values, shape, options);
}

const Shape& Tensor::shape() const { return checked(*this).shape; }
DType Tensor::dtype() const { return checked(*this).dtype; }
Device Tensor::device() const { return checked(*this).storage->device(); }
std::int64_t Tensor::numel() const { return checked(*this).shape.numel(); }

void* Tensor::raw() const {
  const TensorImpl& impl = checked(*this);
  MIEN_CHECK(!impl.storage->moved.load(std::memory_order_relaxed), ValueError, "tensor of shape ",
             impl.shape, " was a view of a parameter taken before the optimizer was bound");
  return impl.bytes();
}

void* Tensor::host_data(DType wanted) const {
  MIEN_CHECK(dtype() == wanted, DTypeError, "data: the tensor holds ", dtype(), "; asked for ",
             wanted);
  MIEN_CHECK(device() == kCpu, DeviceError, "data: the tensor lies on ", device(),
             "; bring it to the CPU with to(kCpu)");
  return raw();
}

void Tensor::copy_to(std::span<double> out) const {
  MIEN_CHECK(std::int64_t(out.size()) == numel(), ShapeError, "copy_to: ", shape(), " has ",
             numel(), " elements; got room for ", out.size());
  const NoGradGuard quiet;
  const Tensor host = to(kCpu).to(DType::f64);
  std::copy_n(static_cast<const double*>(host.raw()), out.size(), out.begin());
}

void Tensor::copy_from(const Tensor& other) {
  MIEN_CHECK(other.shape() == shape(), ShapeError, "copy_from: the tensor is ", shape(), "; got ",
             other.shape());
  const NoGradGuard quiet;
  const Tensor near = device() == kCpu ? other.to(kCpu) : other;
  const Tensor same = near.to(dtype()).to(device());
  device_api(device()).copy(raw(), same.raw(), bytes(), stream_of(*this));
  mark_modified();
}

void Tensor::mark_modified() const {
  checked(*this).storage->version.fetch_add(1, std::memory_order_relaxed);
}

double Tensor::item() const {
  MIEN_CHECK(numel() == 1, ShapeError, "item: a tensor of one element is required; got ", shape());
  double value = 0;
  copy_to({&value, 1});
  return value;
}

Tensor& Tensor::requires_grad(bool on) {
  MIEN_CHECK(computes(dtype()), DTypeError, "requires_grad: f32 or f64 is required; got ", dtype());
  AutogradMeta& meta = impl_->ensure_meta();
  MIEN_CHECK(!meta.node, ValueError,
             "requires_grad: the tensor is the result of an op; use detach() first");
  meta.leaf = on;
  if (!meta.epoch) meta.epoch = std::make_shared<std::uint64_t>(1);
  return *this;
}

bool Tensor::needs_grad() const {
  const AutogradMeta* meta = checked(*this).meta.get();
  return meta && (meta->leaf || meta->node);
}

Tensor Tensor::grad() const {
  checked(*this);
  return leaf_written(*this) ? impl_->meta->grad : Tensor();
}

void Tensor::zero_grad() const {
  if (AutogradMeta* meta = checked(*this).meta.get()) meta->written = 0;
}

std::string Tensor::str() const {
  if (!defined()) return "Tensor()";
  const std::int64_t shown = std::min<std::int64_t>(numel(), 8);
  std::vector<double> values(static_cast<std::size_t>(numel()));
  copy_to(values);
  std::string out = concat("Tensor(", shape(), " ", dtype(), ":");
  for (std::int64_t i = 0; i < shown; ++i) out += concat(" ", values[std::size_t(i)]);
  return out + (shown < numel() ? " ...)" : ")");
}

}  // namespace mien
