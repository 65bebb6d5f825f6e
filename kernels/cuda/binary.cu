// Elementwise functions of two tensors that broadcast, their derivatives, and comparisons.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/walk.cuh"

namespace mien::cuda {
namespace {

constexpr std::size_t kOps = std::size_t(BinaryOp::maximum) + 1;
constexpr std::size_t kTests = std::size_t(CompareOp::greater_equal) + 1;

template <BinaryOp op>
__device__ __forceinline__ float value(float a, float b) {
  switch (op) {
    case BinaryOp::add:
      return a + b;
    case BinaryOp::sub:
      return a - b;
    case BinaryOp::mul:
      return a * b;
    case BinaryOp::div:
      return a / b;
    case BinaryOp::pow:
      return powf(a, b);
    case BinaryOp::minimum:  // NaN where either is, as in PyTorch
      return a < b || a != a ? a : b;
    case BinaryOp::maximum:
      break;
  }
  return a > b || a != a ? a : b;
}

// The derivative to a (first) or to b.
template <BinaryOp op, bool first>
__device__ __forceinline__ float slope(float a, float b) {
  switch (op) {
    case BinaryOp::add:
      return 1;
    case BinaryOp::sub:
      return first ? 1.0f : -1.0f;
    case BinaryOp::mul:
      return first ? b : a;
    case BinaryOp::div:
      return first ? 1 / b : -a / (b * b);
    case BinaryOp::pow:
      if (first) return b == 0 ? 0.0f : b * powf(a, b - 1);
      return a == 0 && b >= 0 ? 0.0f : powf(a, b) * logf(a);
    case BinaryOp::minimum:
    case BinaryOp::maximum:
      break;
  }
  const bool chosen = (op == BinaryOp::minimum) == first ? a < b : b < a;
  return chosen ? 1.0f : a == b ? 0.5f : 0.0f;  // ties are shared, as in PyTorch
}

__device__ __forceinline__ float comparable(bf16 x) { return as_float(x); }
template <class T>
__device__ __forceinline__ T comparable(T x) {
  return x;
}
template <CompareOp op, class T>
__device__ __forceinline__ std::uint8_t test(T a, T b) {
  switch (op) {
    case CompareOp::equal:
      return a == b;
    case CompareOp::not_equal:
      return a != b;
    case CompareOp::less:
      return a < b;
    case CompareOp::less_equal:
      return a <= b;
    case CompareOp::greater:
      return a > b;
    case CompareOp::greater_equal:
      break;
  }
  return a >= b;
}

// The arrays of a walk, in this order.
enum Operand : std::uint8_t { kA, kB, kOut, kOperands };

template <BinaryOp op, class T>
struct Binary {
  Walk<kOperands> walk;
  const T *a, *b;
  T* y;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    Pack<float, width> u = walk.template read_f32<width>(a + places.at[kA], kA);
    const Pack<float, width> v = walk.template read_f32<width>(b + places.at[kB], kB);
    for (int k = 0; k < width; ++k) u.at[k] = value<op>(u.at[k], v.at[k]);
    store_f32(y + places.at[kOut], u);
  }
};

// Of a sum's and a difference's derivative: it reads neither a nor b.
constexpr bool is_constant(BinaryOp op) { return op == BinaryOp::add || op == BinaryOp::sub; }

template <BinaryOp op, bool first, class T>
struct BinaryGrad {
  Walk<kOperands> walk;
  const T *a, *b, *dy;
  T* out;
  float beta;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    Pack<float, width> g = load_f32<width>(dy + places.at[kOut]);
    Pack<float, width> u{}, v{};
    if constexpr (!is_constant(op)) {
      u = walk.template read_f32<width>(a + places.at[kA], kA);
      v = walk.template read_f32<width>(b + places.at[kB], kB);
    }
    for (int k = 0; k < width; ++k) g.at[k] *= slope<op, first>(u.at[k], v.at[k]);
    if (beta != 0) {
      const Pack<float, width> old = load_f32<width>(out + places.at[kOut]);
      for (int k = 0; k < width; ++k) g.at[k] += beta * old.at[k];
    }
    store_f32(out + places.at[kOut], g);
  }
};

template <CompareOp op, class T>
struct Compare {
  Walk<kOperands> walk;
  const T *a, *b;
  std::uint8_t* y;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const auto places = walk.places(i);
    const Pack<T, width> u = walk.template read<width>(a + places.at[kA], kA);
    const Pack<T, width> v = walk.template read<width>(b + places.at[kB], kB);
    Pack<std::uint8_t, width> out;
    for (int k = 0; k < width; ++k) out.at[k] = test<op>(comparable(u.at[k]), comparable(v.at[k]));
    store(y + places.at[kOut], out);
  }
};

template <class T>
struct Where {
  const std::uint8_t* condition;
  const T *a, *b;
  T* y;
  float beta;

  template <int width>
  __device__ void apply(std::int64_t i) const {
    const Pack<std::uint8_t, width> chooses_a = load<width>(condition + i);
    Pack<float, width> u{}, v{};
    if (a) u = load_f32<width>(a + i);
    if (b) v = load_f32<width>(b + i);
    for (int k = 0; k < width; ++k) u.at[k] = chooses_a.at[k] ? u.at[k] : v.at[k];
    if (beta != 0) {
      const Pack<float, width> old = load_f32<width>(y + i);
      for (int k = 0; k < width; ++k) u.at[k] += beta * old.at[k];
    }
    store_f32(y + i, u);
  }
};

// What both inputs' places are, and the output's, which runs on.
Box<kOperands> box_of(const BroadcastArgs& w) {
  Box<kOperands> box;
  box.rank = w.rank;
  std::copy_n(w.dims, w.rank, box.dims);
  std::copy_n(w.a_strides, w.rank, box.strides[kA]);
  std::copy_n(w.b_strides, w.rank, box.strides[kB]);
  std::int64_t stride = 1;
  for (int axis = w.rank - 1; axis >= 0; --axis) {
    box.strides[kOut][axis] = stride;
    stride *= w.dims[axis];
  }
  return box;
}

// Whether packs can be read by these steps; one that repeats is read as one element.
template <int width, class T>
bool aligned_where_read(const Box<kOperands>& piece, const T* a, const T* b) {
  return (piece.step(kA) == 0 || aligned<width>(a)) && (piece.step(kB) == 0 || aligned<width>(b));
}

template <BinaryOp op, class T>
void combine(const BinaryArgs& args, StreamHandle stream) {
  constexpr int width = kPack<T>;
  for_each_piece(box_of(args.walk), [&](const auto& piece, const auto& from) {
    const T* a = static_cast<const T*>(args.a) + from.at[kA];
    const T* b = static_cast<const T*>(args.b) + from.at[kB];
    T* y = static_cast<T*>(args.y) + from.at[kOut];
    const bool packed =
        packable(piece, width) && aligned_where_read<width>(piece, a, b) && aligned<width>(y);
    map<width>("binary", stream, piece.numel(), packed,
               Binary<op, T>{Walk<kOperands>(piece), a, b, y});
  });
}

template <BinaryOp op, bool first, class T>
void combine_grad(const BinaryGradArgs& args, StreamHandle stream) {
  constexpr int width = kPack<T>;
  Box<kOperands> box = box_of(args.walk);
  if (is_constant(op))
    for (const Operand input : {kA, kB}) std::fill_n(box.strides[input], box.rank, 0);
  for_each_piece(box, [&](const auto& piece, const auto& from) {
    const T* a = static_cast<const T*>(args.a) + from.at[kA];
    const T* b = static_cast<const T*>(args.b) + from.at[kB];
    const T* dy = static_cast<const T*>(args.dy) + from.at[kOut];
    T* out = static_cast<T*>(args.out) + from.at[kOut];
    const bool packed =
        packable(piece, width) && aligned_where_read<width>(piece, a, b) && aligned<width>(dy, out);
    map<width>("binary_grad", stream, piece.numel(), packed,
               BinaryGrad<op, first, T>{Walk<kOperands>(piece), a, b, dy, out, float(args.beta)});
  });
}

template <CompareOp op, class T>
void compare_by(const CompareArgs& args, StreamHandle stream) {
  for_each_piece(box_of(args.walk), [&](const auto& piece, const auto& from) {
    const T* a = static_cast<const T*>(args.a) + from.at[kA];
    const T* b = static_cast<const T*>(args.b) + from.at[kB];
    std::uint8_t* y = args.y + from.at[kOut];
    const bool packed = packable(piece, 4) && aligned_where_read<4>(piece, a, b) && aligned<4>(y);
    map<4>("compare", stream, piece.numel(), packed,
           Compare<op, T>{Walk<kOperands>(piece), a, b, y});
  });
}

template <class T, std::size_t... ops>
void choose(const BinaryArgs& a, StreamHandle stream, std::index_sequence<ops...>) {
  static constexpr void (*launchers[])(const BinaryArgs&,
                                       StreamHandle) = {combine<BinaryOp(ops), T>...};
  launchers[std::size_t(a.op)](a, stream);
}
template <bool first, class T, std::size_t... ops>
void choose(const BinaryGradArgs& a, StreamHandle stream, std::index_sequence<ops...>) {
  static constexpr void (*launchers[])(const BinaryGradArgs&,
                                       StreamHandle) = {combine_grad<BinaryOp(ops), first, T>...};
  launchers[std::size_t(a.op)](a, stream);
}
template <class T, std::size_t... ops>
void choose(const CompareArgs& a, StreamHandle stream, std::index_sequence<ops...>) {
  static constexpr void (*launchers[])(const CompareArgs&,
                                       StreamHandle) = {compare_by<CompareOp(ops), T>...};
  launchers[std::size_t(a.op)](a, stream);
}

}  // namespace

template <class T>
void binary(const BinaryArgs& a, StreamHandle stream) {
  choose<T>(a, stream, std::make_index_sequence<kOps>());
}

template <class T>
void binary_grad(const BinaryGradArgs& a, StreamHandle stream) {
  if (a.input == 0) return choose<true, T>(a, stream, std::make_index_sequence<kOps>());
  choose<false, T>(a, stream, std::make_index_sequence<kOps>());
}

template <class T>
void compare(const CompareArgs& a, StreamHandle stream) {
  choose<T>(a, stream, std::make_index_sequence<kTests>());
}

template <class T>
void where(const WhereArgs& w, StreamHandle stream) {
  constexpr int width = kPack<T>;
  const auto *a = static_cast<const T*>(w.a), *b = static_cast<const T*>(w.b);
  auto* y = static_cast<T*>(w.y);
  map<width>("where", stream, w.n, aligned<width>(a, b, y) && aligned<width>(w.condition),
             Where<T>{w.condition, a, b, y, float(w.beta)});
}

template void binary<float>(const BinaryArgs&, StreamHandle);
template void binary<bf16>(const BinaryArgs&, StreamHandle);
template void binary_grad<float>(const BinaryGradArgs&, StreamHandle);
template void binary_grad<bf16>(const BinaryGradArgs&, StreamHandle);
template void compare<float>(const CompareArgs&, StreamHandle);
template void compare<bf16>(const CompareArgs&, StreamHandle);
template void compare<std::int32_t>(const CompareArgs&, StreamHandle);
template void compare<std::uint8_t>(const CompareArgs&, StreamHandle);
template void where<float>(const WhereArgs&, StreamHandle);
template void where<bf16>(const WhereArgs&, StreamHandle);

}  // namespace mien::cuda
