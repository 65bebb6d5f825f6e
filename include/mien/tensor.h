#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "mien/base/device.h"
#include "mien/base/dtype.h"
#include "mien/base/few.h"
#include "mien/base/ref.h"
#include "mien/base/shape.h"
#include "mien/runtime.h"

namespace mien {

struct TensorImpl;
void retain(TensorImpl*);
void release(TensorImpl*);

/// What a new tensor holds and where it lives.
struct TensorOptions {
  DType dtype = DType::f32;
  std::optional<Device> device{};  // the default device where unset
};

/// An n-dimensional array, row-major and always contiguous. Copying a Tensor shares it; clone()
/// copies the bytes. A default-made Tensor is undefined: only defined(), assignment and destruction
/// are allowed on it.
///
/// ```cpp
/// Tensor x = Tensor::from({1, 2, 3, 4}, {2, 2}).requires_grad();
/// sum(x * x).backward();       // with mien/ops.h
/// const Tensor dx = x.grad();  // [[2, 4], [6, 8]]
/// ```
///
/// Throws: every function below throws ValueError on an undefined tensor, and ValueError where the
/// bytes were moved into an optimizer's flat buffer after this view of them was taken.
class Tensor {
 public:
  Tensor() = default;

  /// Uninitialized bytes of the given shape.
  static Tensor empty(const Shape& shape, const TensorOptions& options = {});
  /// The same value everywhere: 0, 1, or any, converted to options.dtype.
  static Tensor zeros(const Shape& shape, const TensorOptions& options = {});
  static Tensor ones(const Shape& shape, const TensorOptions& options = {});
  static Tensor full(const Shape& shape, double value, const TensorOptions& options = {});
  /// Row-major values, converted to options.dtype. Throws ShapeError where their number is not
  /// shape.numel().
  static Tensor from(std::initializer_list<double> values, const Shape& shape,
                     const TensorOptions& options = {});
  static Tensor from(std::span<const double> values, const Shape& shape,
                     const TensorOptions& options = {});
  static Tensor from(std::span<const float> values, const Shape& shape,
                     const TensorOptions& options = {});
  /// A scalar (rank 0).
  static Tensor scalar(double value, const TensorOptions& options = {});

  /// False for a default-made one.
  bool defined() const { return bool(impl_); }
  /// Sizes of the axes, type of the elements, and where they lie.
  const Shape& shape() const;
  DType dtype() const;
  Device device() const;
  /// dtype and device, to make another tensor of the same kind.
  TensorOptions options() const { return {.dtype = dtype(), .device = device()}; }
  /// Number of elements, and of axes.
  std::int64_t numel() const;
  int rank() const { return shape().rank(); }

  /// The elements on the host. Throws DTypeError where T is another type than dtype(), DeviceError
  /// where the bytes lie on a device. Writing through the pointer is not seen by autograd: call
  /// mark_modified() after it.
  template <class T>
  T* data() {
    return static_cast<T*>(host_data(dtype_of<T>()));
  }
  template <class T>
  const T* data() const {
    return static_cast<const T*>(host_data(dtype_of<T>()));
  }
  /// The bytes wherever they live; for kernels.
  void* raw() const;
  /// Size of all elements in bytes.
  std::size_t bytes() const { return std::size_t(numel()) * size_of(dtype()); }
  /// All elements as double, row by row, whatever the dtype and device. Throws ShapeError where out
  /// is not numel() long.
  void copy_to(std::span<double> out) const;
  /// Overwrites the elements in place with those of other (same shape; other dtypes and devices are
  /// converted). Throws ShapeError on another shape. Not recorded.
  void copy_from(const Tensor& other);
  /// Tells autograd that the bytes changed: a later backward through a saved copy of them throws.
  void mark_modified() const;

  /// The same bytes under another shape; one size may be -1. Throws ShapeError where numel differs.
  [[nodiscard]] Tensor view(const Shape& shape) const;
  [[nodiscard]] Tensor view(std::initializer_list<std::int64_t> dims) const;
  /// Rows [begin, end) of the first axis, sharing bytes. Throws ShapeError when out of range.
  [[nodiscard]] Tensor slice(std::int64_t begin, std::int64_t end) const;
  /// On another device, or itself if already there.
  [[nodiscard]] Tensor to(Device device) const;
  /// As another element type (floats to integers truncate towards zero), or itself if already of
  /// it.
  [[nodiscard]] Tensor to(DType dtype) const;
  /// A copy of the bytes; the gradient flows through.
  [[nodiscard]] Tensor clone() const;
  /// The same bytes without history.
  [[nodiscard]] Tensor detach() const;

  /// The value of a one-element tensor. The only implicit synchronization with a device.
  /// Throws ShapeError for more than one element.
  double item() const;

  /// Makes a leaf whose gradient backward() collects. Throws ValueError on the result of an op and
  /// on integer tensors.
  Tensor& requires_grad(bool on = true);
  /// Whether backward() reaches it: a leaf that requires a gradient, or computed from one.
  bool needs_grad() const;
  /// The collected gradient; undefined before the first backward() and after zero_grad().
  Tensor grad() const;
  /// Forgets the collected gradient without touching memory: the next backward overwrites it.
  void zero_grad() const;
  /// Gradients of this one-element tensor into every leaf it was computed from; they add up until
  /// zero_grad(). Throws ShapeError for more than one element: pass the gradient of the result
  /// then. Throws ValueError where it was computed from no leaf, or the graph was used before.
  void backward() const;
  /// The same of a tensor of any shape, given the gradient with respect to it. Throws ShapeError
  /// or DTypeError where that is of another shape or dtype.
  void backward(const Tensor& gradient) const;

  /// Whether both are the same tensor object (not: equal values).
  bool is(const Tensor& other) const { return impl_ == other.impl_; }
  /// For the library's own use.
  TensorImpl* impl() const { return impl_.get(); }
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

  /// For people: shape, dtype and the first values.
  std::string str() const;

 private:
  void* host_data(DType wanted) const;
  Ref<TensorImpl> impl_;
};

/// A few tensors, or shapes, that mostly need no heap: inputs and outputs of a module.
using Tensors = Few<Tensor, 4>;
using Shapes = Few<Shape, 4>;

/// A tensor with the path of the place that owns it, such as "dense/kernel".
struct NamedTensor {
  std::string name{};
  Tensor value{};
};

}  // namespace mien
