// The parts of Tensor that are ops: views, copies and conversions.
#include <algorithm>

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "mien/base/error.h"
#include "mien/tensor.h"

namespace mien {
namespace {

struct ViewGrad {
  static constexpr const char* name = "view";
  Shape input;
  void backward(const GradIn& dy, GradOut& dx) { dx.add(0, dy[0].view(input)); }
};

struct CloneGrad {
  static constexpr const char* name = "clone";
  void backward(const GradIn& dy, GradOut& dx) { dx.add(0, dy[0]); }
};

struct SliceGrad {
  static constexpr const char* name = "slice";
  std::int64_t begin;
  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const GradSlot slot = dx.into(0);
    if (slot.beta == 0)
      device_api(slot.grad.device()).zero(slot.raw(), slot.grad.bytes(), stream_of(slot.grad));
    const Tensor part = slot.grad.slice(begin, begin + dy[0].shape()[0]);
    run(name, part, &KernelTable::axpy,
        AxpyArgs{.n = part.numel(), .alpha = 1, .x = dy.raw(), .y = part.raw(), .beta = 1});
  }
};

struct CastGrad {
  static constexpr const char* name = "cast";
  DType from;
  void backward(const GradIn& dy, GradOut& dx) { dx.add(0, dy[0].to(from)); }
};

struct MoveGrad {
  static constexpr const char* name = "to";
  Device from;
  void backward(const GradIn& dy, GradOut& dx) { dx.add(0, dy[0].to(from)); }
};

}  // namespace

Tensor Tensor::view(std::initializer_list<std::int64_t> dims) const {
  Shape wanted;
  int open = -1;
  for (const std::int64_t size : dims) {
    if (size == -1 && open < 0) open = wanted.rank();
    wanted.push_back(size == -1 ? 1 : size);
  }
  if (open >= 0 && wanted.numel() > 0) wanted[open] = numel() / wanted.numel();
  MIEN_CHECK(std::count(dims.begin(), dims.end(), -1) <= 1, ShapeError,
             "view: at most one size may be -1");
  return view(wanted);
}

Tensor Tensor::view(const Shape& shape) const {
  MIEN_CHECK(shape.numel() == numel(), ShapeError, "view: ", this->shape(), " does not fit ",
             shape);
  raw();  // a view of moved bytes would only fail later
  Tensor out = make_tensor(impl_->storage, impl_->offset, shape, impl_->dtype);
  return attach(out, {*this}, ViewGrad{this->shape()});
}

Tensor Tensor::slice(std::int64_t begin, std::int64_t end) const {
  MIEN_CHECK(rank() >= 1 && 0 <= begin && begin <= end && end <= shape()[0], ShapeError,
             "slice: rows ", begin, " to ", end, " are not in ", shape());
  raw();
  Shape rows = shape();
  rows[0] = end - begin;
  const std::size_t row_bytes = std::size_t(shape().slice(1).numel()) * size_of(dtype());
  Tensor out =
      make_tensor(impl_->storage, impl_->offset + std::size_t(begin) * row_bytes, rows, dtype());
  return attach(out, {*this}, SliceGrad{begin});
}

Tensor Tensor::detach() const {
  raw();
  return make_tensor(impl_->storage, impl_->offset, impl_->shape, impl_->dtype);
}

Tensor Tensor::clone() const {
  Tensor out = empty(shape(), options());
  device_api(device()).copy(out.raw(), raw(), bytes(), stream_of(*this));
  return attach(out, {*this}, CloneGrad{});
}

Tensor Tensor::to(Device target) const {
  if (device() == target) return *this;
  if (device() != kCpu && target != kCpu) return to(kCpu).to(target);
  Tensor out = empty(shape(), {.dtype = dtype(), .device = target});
  const Device other = device() == kCpu ? target : device();
  const auto& api = device_api(other);
  (device() == kCpu ? api.copy_from_host : api.copy_to_host)(out.raw(), raw(), bytes(),
                                                             current_stream(other));
  return attach(out, {*this}, MoveGrad{device()});
}

Tensor Tensor::to(DType target) const {
  if (dtype() == target) return *this;
  Tensor out = empty(shape(), {.dtype = target, .device = device()});
  run("cast", *this, &KernelTable::cast,
      CastArgs{.from = dtype(), .to = target, .n = numel(), .x = raw(), .y = out.raw()});
  if (!computes(target) && target != DType::bf16) return out;  // no gradient through integers
  return attach(out, {*this}, CastGrad{dtype()});
}

}  // namespace mien
