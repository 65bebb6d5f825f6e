#include "lib/ops/geometry.h"

#include <algorithm>
#include <limits>

#include "mien/base/error.h"

namespace mien {

Slide2d slide2d(const char* op, const Shape& x, const Window2d& w) {
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  for (const std::int64_t size : x)
    MIEN_CHECK(size <= most, ShapeError, op, ": sizes up to 2147483647 are supported; got ", x);
  const bool custom = w.padding == Padding::custom;
  for (const int pad : w.pads)
    MIEN_CHECK(
        custom ? pad >= 0 : pad == 0, ValueError, op,
        custom ? ": pads must not be negative; got " : ": pads are for Padding::custom only; got ",
        pad);
  Slide2d out{};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    MIEN_CHECK(w.size[axis] >= 1, ValueError, op, ": window sizes must be at least 1; got ",
               w.size[axis]);
    MIEN_CHECK(w.stride[axis] >= 1, ValueError, op, ": stride must be at least 1; got ",
               w.stride[axis]);
    MIEN_CHECK(w.dilation[axis] >= 1, ValueError, op, ": dilation must be at least 1; got ",
               w.dilation[axis]);
    const std::int64_t size = x[int(axis) + 1], stride = w.stride[axis];
    const std::int64_t reach = std::int64_t(w.dilation[axis]) * (w.size[axis] - 1) + 1;
    std::int64_t before = w.pads[2 * axis], padded = size + before + w.pads[2 * axis + 1];
    if (w.padding == Padding::same) {
      const std::int64_t outputs = (size + stride - 1) / stride;
      const std::int64_t total = std::max<std::int64_t>((outputs - 1) * stride + reach - size, 0);
      before = total / 2;
      padded = size + total;
    } else if (w.padding == Padding::causal) {
      before = reach - 1;
      padded = size + before;
    }
    MIEN_CHECK(size >= 1 && padded >= reach, ShapeError, op, ": a window that reaches over ", reach,
               axis == 0 ? " rows" : " columns", " does not fit into input ", x,
               custom ? concat(" padded to ", padded) : "");
    MIEN_CHECK(padded <= most && reach <= most, ShapeError, op,
               ": padded sizes up to 2147483647 are supported; got ", std::max(padded, reach));
    out.outputs[axis] = int((padded - reach) / stride + 1);
    out.before[axis] = int(before);
  }
  return out;
}

}  // namespace mien
