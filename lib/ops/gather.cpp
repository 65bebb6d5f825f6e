#include <vector>

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

const std::int32_t* indices_of(const void* bytes) {
  return static_cast<const std::int32_t*>(bytes);
}

// Reading back from a device would stop it at every call, so only the host's are looked at.
void check_indices(const char* op, const char* what, const Tensor& indices, std::int64_t size) {
  if (indices.device() != kCpu) return;
  const std::int32_t* index = indices_of(indices.raw());
  for (std::int64_t i = 0; i < indices.numel(); ++i)
    MIEN_CHECK(0 <= index[i] && index[i] < size, ValueError, op, ": ", what, " ", index[i],
               " is not in 0 .. ", size - 1);
}

struct GatherGrad {
  static constexpr const char* name = "gather";
  std::int64_t outer, axis, inner;
  SavedTensor indices;

  void backward(const GradIn& dy, GradOut& dx) {
    if (!dx.wants(0)) return;
    const GradSlot slot = dx.into(0);
    run(name, slot.grad, &KernelTable::gather_grad,
        GatherGradArgs{.outer = outer,
                       .axis = axis,
                       .inner = inner,
                       .count = indices.shape().numel(),
                       .indices = indices_of(indices.raw()),
                       .dy = dy.raw(),
                       .dx = slot.raw(),
                       .beta = slot.beta});
  }
};

}  // namespace

Tensor gather(const Tensor& x, const Tensor& indices, int axis) {
  const int at = check_axis("gather", x, axis);
  check_dtype("gather", "indices", indices, DType::i32);
  MIEN_CHECK(indices.device() == x.device(), DeviceError,
             "gather: inputs must be on one device; got ", x.device(), " and ", indices.device());
  const Shape before = x.shape().slice(0, at), after = x.shape().slice(at + 1);
  const std::int64_t size = x.shape()[at];
  check_indices("gather", "index", indices, size);
  Tensor y = Tensor::empty(join(join(before, indices.shape()), after), x.options());
  run("gather", x, &KernelTable::gather,
      GatherArgs{.outer = before.numel(),
                 .axis = size,
                 .inner = after.numel(),
                 .count = indices.numel(),
                 .indices = indices_of(indices.raw()),
                 .x = x.raw(),
                 .y = y.raw()});
  return attach(y, {x}, GatherGrad{before.numel(), size, after.numel(), indices});
}

Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype) {
  check_dtype("one_hot", "labels", labels, DType::i32);
  MIEN_CHECK(classes >= 1, ValueError, "one_hot: classes must be at least 1; got ", classes);
  check_indices("one_hot", "label", labels, classes);
  std::vector<double> each(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < each.size(); ++i) each[i] = double(i);
  return equal(expand_dims(labels, -1), Tensor::from(each, {classes}, labels.options())).to(dtype);
}

}  // namespace mien
