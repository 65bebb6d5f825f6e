#include <vector>

#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "lib/ops/strided.h"
#include "mien/autograd.h"
#include "mien/ops/movement.h"

namespace mien {
namespace {

// Where a part that begins at `begin` of the axis lies in the whole.
StridedMap map_of(const Shape& whole, const Shape& part, int axis, std::int64_t begin) {
  StridedMap map;
  map.rank = part.rank();
  for (int i = 0; i < map.rank; ++i) map.dims[i] = part[i];
  strides_of(part, map.x_strides);
  strides_of(whole, map.y_strides);
  map.y_offset = begin * map.y_strides[axis];
  return map;
}

struct ConcatenateGrad {
  static constexpr const char* name = "concatenate";
  int axis, parts;

  void backward(const GradIn& dy, GradOut& dx) {
    std::int64_t begin = 0;
    for (int i = 0; i < parts; ++i) {
      const Shape part = dx.shape(i);
      copy_box_grad(name, map_of(dy[0].shape(), part, axis, begin), dx, i, dy[0]);
      begin += part[axis];
    }
  }
};

}  // namespace

Tensor concatenate(std::span<const Tensor> parts, int axis) {
  MIEN_CHECK(!parts.empty(), ValueError, "concatenate: at least one tensor is required");
  const Tensor& first = parts.front();
  const int at = check_axis("concatenate", first, axis);
  Shape shape = first.shape();
  for (const Tensor& part : parts.subspan(1)) {
    check_same_kind("concatenate", first, part);
    Shape like = first.shape();
    if (part.rank() == like.rank()) like[at] = part.shape()[at];
    MIEN_CHECK(part.shape() == like, ShapeError, "concatenate: shapes must agree but for axis ",
               axis, "; got ", first.shape(), " and ", part.shape());
    shape[at] += part.shape()[at];
  }
  Tensor y = Tensor::empty(shape, first.options());
  std::int64_t begin = 0;
  for (const Tensor& part : parts) {
    copy_box("concatenate", map_of(shape, part.shape(), at, begin), part, y);
    begin += part.shape()[at];
  }
  return attach(y, parts, ConcatenateGrad{at, int(parts.size())});
}
Tensor concatenate(std::initializer_list<Tensor> parts, int axis) {
  return concatenate(std::span<const Tensor>(parts.begin(), parts.size()), axis);
}

Tensor stack(std::span<const Tensor> parts, int axis) {
  MIEN_CHECK(!parts.empty(), ValueError, "stack: at least one tensor is required");
  const Shape& shape = parts.front().shape();
  const int rank = shape.rank() + 1;
  MIEN_CHECK(-rank <= axis && axis < rank, ShapeError, "stack: axis ", axis,
             " has no place beside ", shape);
  std::vector<Tensor> rows;
  for (const Tensor& part : parts) {
    MIEN_CHECK(part.shape() == shape, ShapeError, "stack: shapes must agree; got ", shape, " and ",
               part.shape());
    rows.push_back(expand_dims(part, axis));
  }
  return concatenate(rows, axis);
}
Tensor stack(std::initializer_list<Tensor> parts, int axis) {
  return stack(std::span<const Tensor>(parts.begin(), parts.size()), axis);
}

}  // namespace mien
