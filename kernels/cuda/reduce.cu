// Sums and extremes over axes.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/cuda/fold.cuh"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/two_float.cuh"

namespace mien::cuda {
namespace {

// y = beta y + alpha sum.
template <class Out>
struct Sum {
  float alpha, beta;
  Out* y;

  using Acc = TwoFloat;
  __device__ Acc start() const { return {}; }
  __device__ Acc fold(Acc acc, float x, std::int64_t) const {
    acc.add(x);
    return acc;
  }
  __device__ Acc operator()(Acc a, Acc b) const {
    a.add(b);
    return a;
  }
  __device__ void finish(Acc acc, std::int64_t at) const {
    const float sum = alpha * acc.value();
    y[at] = from_float<Out>(beta == 0 ? sum : beta * as_float(y[at]) + sum);
  }
};

struct SquareSum : Sum<float> {
  double* result;

  __device__ Acc fold(Acc acc, float x, std::int64_t) const {
    acc.add_square(x);
    return acc;
  }
  // The float next to the sum is within 6e-8 of it; double arithmetic would be slow.
  __device__ void finish(Acc acc, std::int64_t) const { *result = double(acc.value()); }
};

// NaN where any is, as in PyTorch's amax and amin.
template <bool largest, class T>
struct Extreme {
  T* y;

  using Acc = float;
  __device__ float start() const {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    return largest ? -infinity : infinity;
  }
  __device__ float operator()(float a, float b) const {
    return (largest ? b > a : b < a) || b != b ? b : a;
  }
  __device__ float fold(float acc, float x, std::int64_t) const { return (*this)(acc, x); }
  __device__ void finish(float acc, std::int64_t at) const { y[at] = from_float<T>(acc); }
};

struct Argmax {
  std::int32_t* y;

  struct Acc {
    float value;
    std::int32_t at;
  };
  __device__ Acc start() const {
    return {-std::numeric_limits<float>::infinity(), std::numeric_limits<std::int32_t>::max()};
  }
  // A NaN counts as the largest, as in NumPy and PyTorch; the first of equals wins.
  __device__ Acc operator()(Acc a, Acc b) const {
    const bool a_is_nan = a.value != a.value, b_is_nan = b.value != b.value;
    const bool equal = a.value == b.value || (a_is_nan && b_is_nan);
    if (equal) return a.at < b.at ? a : b;
    return b_is_nan || b.value > a.value ? b : a;
  }
  __device__ Acc fold(Acc acc, float x, std::int64_t term) const {
    return (*this)(acc, {x, std::int32_t(term)});
  }
  __device__ void finish(Acc acc, std::int64_t at) const { y[at] = acc.at; }
};

void add_axis(Box<2>& box, std::int64_t size, std::int64_t stride, std::int64_t number) {
  box.dims[box.rank] = size;
  box.strides[0][box.rank] = stride;
  box.strides[1][box.rank] = number;
  ++box.rank;
}

struct Boxes {
  Kept kept;
  Reduced reduced;
};

// With the numbers that row-major order gives to outputs and to terms.
Boxes boxes_of(const ReduceArgs& a) {
  std::int64_t stride[kMaxAxes], number[kMaxAxes], at = 1, outputs = 1, terms = 1;
  for (int axis = a.rank - 1; axis >= 0; --axis) {
    stride[axis] = at;
    at *= a.dims[axis];
    std::int64_t& count = a.reduced[axis] ? terms : outputs;
    number[axis] = count;
    count *= a.dims[axis];
  }
  Boxes out;
  for (int axis = 0; axis < a.rank; ++axis)
    add_axis(a.reduced[axis] ? out.reduced : out.kept, a.dims[axis], stride[axis], number[axis]);
  if (terms == 0) {
    out.reduced = {};
    add_axis(out.reduced, 0, 1, 1);
  }
  return out;
}

template <class T, class Op>
void reduce_by(const ReduceArgs& a, StreamHandle stream, const Op& op) {
  const Boxes boxes = boxes_of(a);
  fold("reduce", stream, boxes.kept, boxes.reduced, static_cast<const T*>(a.x), op);
}

template <class T, class Out>
void sum(const ReduceArgs& a, StreamHandle stream) {
  reduce_by<T>(a, stream, Sum<Out>{float(a.alpha), float(a.beta), static_cast<Out*>(a.y)});
}

}  // namespace

template <class T>
void reduce(const ReduceArgs& a, StreamHandle stream) {
  auto* y = static_cast<T*>(a.y);
  switch (a.op) {
    case ReduceOp::sum:
      return a.to_f32 ? sum<T, float>(a, stream) : sum<T, T>(a, stream);
    case ReduceOp::max:
      return reduce_by<T>(a, stream, Extreme<true, T>{y});
    case ReduceOp::min:
      return reduce_by<T>(a, stream, Extreme<false, T>{y});
  }
}

template <class T>
void argmax(const ArgmaxArgs& a, StreamHandle stream) {
  Kept kept;
  add_axis(kept, a.outer, a.axis * a.inner, a.inner);
  add_axis(kept, a.inner, 1, 1);
  Reduced reduced;
  add_axis(reduced, a.axis, a.inner, 1);
  fold("argmax", stream, kept, reduced, static_cast<const T*>(a.x), Argmax{a.y});
}

template <>
void square_sum<float>(const SquareSumArgs& a, StreamHandle stream) {
  Reduced terms;
  add_axis(terms, a.n, 1, 1);
  SquareSum op{};
  op.result = a.y;
  fold("square_sum", stream, {}, terms, static_cast<const float*>(a.x), op);
}

template void reduce<float>(const ReduceArgs&, StreamHandle);
template void reduce<bf16>(const ReduceArgs&, StreamHandle);
template void argmax<float>(const ArgmaxArgs&, StreamHandle);
template void argmax<bf16>(const ArgmaxArgs&, StreamHandle);

}  // namespace mien::cuda
