#include "lib/core/kernels_for.h"
#include "lib/ops/broadcasting.h"
#include "lib/ops/checks.h"
#include "mien/autograd.h"
#include "mien/ops/elementwise.h"

namespace mien {
namespace {

// a + b and a - b: their gradient is dy itself, up to the sign.
struct AddGrad {
  static constexpr const char* name = "add";
  double sign;  // of b

  void backward(const GradIn& dy, GradOut& dx) {
    deliver(dx, 1, dy[0], sign);
    deliver(dx, 0, dy[0], 1);
  }
  static void deliver(GradOut& dx, int input, const Tensor& dy, double factor) {
    if (!dx.wants(input)) return;
    if (factor == 1 && dx.shape(input) == dy.shape()) return dx.add(input, dy);
    sum_into(name, dx.into(input), dy, factor);
  }
};

struct BinaryGrad {
  static constexpr const char* name = "elementwise";
  BinaryOp op;
  SavedTensor a, b;

  void backward(const GradIn& dy, GradOut& dx) {
    for (const int input : {0, 1}) {
      deliver_broadcast(name, dx, input, dy[0], [&](void* out, double beta) {
        run(name, dy[0], &KernelTable::binary_grad,
            BinaryGradArgs{.op = op,
                           .input = input,
                           .walk = walk_of(dy[0].shape(), a.shape(), b.shape()),
                           .dy = dy.raw(),
                           .a = a.raw(),
                           .b = b.raw(),
                           .out = out,
                           .beta = beta});
      });
    }
  }
};

Tensor binary(const char* name, BinaryOp op, const Tensor& a, const Tensor& b) {
  check_computes(name, a);
  check_same_kind(name, a, b);
  const Shape shape = broadcast(name, a.shape(), b.shape());
  Tensor y = Tensor::empty(shape, a.options());
  run(name, a, &KernelTable::binary,
      BinaryArgs{.op = op,
                 .walk = walk_of(shape, a.shape(), b.shape()),
                 .a = a.raw(),
                 .b = b.raw(),
                 .y = y.raw()});
  if (op == BinaryOp::add || op == BinaryOp::sub)
    return attach(y, {a, b}, AddGrad{op == BinaryOp::add ? 1.0 : -1.0});
  return attach(y, {a, b}, BinaryGrad{op, a, b});
}

Tensor compare(const char* name, CompareOp op, const Tensor& a, const Tensor& b) {
  check_same_kind(name, a, b);
  const Shape shape = broadcast(name, a.shape(), b.shape());
  Tensor y = Tensor::empty(shape, {.dtype = DType::u8, .device = a.device()});
  run(name, a, &KernelTable::compare,
      CompareArgs{.op = op,
                  .walk = walk_of(shape, a.shape(), b.shape()),
                  .a = a.raw(),
                  .b = b.raw(),
                  .y = static_cast<std::uint8_t*>(y.raw())});
  return y;
}

Tensor compare(const char* name, CompareOp op, const Tensor& a, double b) {
  return compare(name, op, a, Tensor::scalar(b, a.options()));
}

struct WhereGrad {
  static constexpr const char* name = "where";
  SavedTensor condition;

  void backward(const GradIn& dy, GradOut& dx) {
    for (const int input : {0, 1}) {
      deliver_broadcast(name, dx, input, dy[0], [&](void* out, double beta) {
        run(name, dy[0], &KernelTable::where,
            WhereArgs{.n = dy[0].numel(),
                      .condition = static_cast<const std::uint8_t*>(condition.raw()),
                      .a = input == 0 ? dy.raw() : nullptr,
                      .b = input == 1 ? dy.raw() : nullptr,
                      .y = out,
                      .beta = beta});
      });
    }
  }
};

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) { return binary("add", BinaryOp::add, a, b); }
Tensor sub(const Tensor& a, const Tensor& b) { return binary("sub", BinaryOp::sub, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) { return binary("mul", BinaryOp::mul, a, b); }
Tensor div(const Tensor& a, const Tensor& b) { return binary("div", BinaryOp::div, a, b); }
Tensor pow(const Tensor& a, const Tensor& b) { return binary("pow", BinaryOp::pow, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) {
  return binary("minimum", BinaryOp::minimum, a, b);
}
Tensor maximum(const Tensor& a, const Tensor& b) {
  return binary("maximum", BinaryOp::maximum, a, b);
}

Tensor equal(const Tensor& a, const Tensor& b) { return compare("equal", CompareOp::equal, a, b); }
Tensor not_equal(const Tensor& a, const Tensor& b) {
  return compare("not_equal", CompareOp::not_equal, a, b);
}
Tensor less(const Tensor& a, const Tensor& b) { return compare("less", CompareOp::less, a, b); }
Tensor less_equal(const Tensor& a, const Tensor& b) {
  return compare("less_equal", CompareOp::less_equal, a, b);
}
Tensor greater(const Tensor& a, const Tensor& b) {
  return compare("greater", CompareOp::greater, a, b);
}
Tensor greater_equal(const Tensor& a, const Tensor& b) {
  return compare("greater_equal", CompareOp::greater_equal, a, b);
}

Tensor equal(const Tensor& a, double b) { return compare("equal", CompareOp::equal, a, b); }
Tensor not_equal(const Tensor& a, double b) {
  return compare("not_equal", CompareOp::not_equal, a, b);
}
Tensor less(const Tensor& a, double b) { return compare("less", CompareOp::less, a, b); }
Tensor less_equal(const Tensor& a, double b) {
  return compare("less_equal", CompareOp::less_equal, a, b);
}
Tensor greater(const Tensor& a, double b) { return compare("greater", CompareOp::greater, a, b); }
Tensor greater_equal(const Tensor& a, double b) {
  return compare("greater_equal", CompareOp::greater_equal, a, b);
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  check_dtype("where", "condition", condition, DType::u8);
  check_computes("where", a);
  check_same_kind("where", a, b);
  MIEN_CHECK(condition.device() == a.device(), DeviceError,
             "where: inputs must be on one device; got ", condition.device(), " and ", a.device());
  const Shape shape =
      broadcast("where", condition.shape(), broadcast("where", a.shape(), b.shape()));
  const Tensor chosen = expanded("where", condition, shape);
  const Tensor from_a = expanded("where", a, shape), from_b = expanded("where", b, shape);
  Tensor y = Tensor::empty(shape, a.options());
  run("where", a, &KernelTable::where,
      WhereArgs{.n = y.numel(),
                .condition = static_cast<const std::uint8_t*>(chosen.raw()),
                .a = from_a.raw(),
                .b = from_b.raw(),
                .y = y.raw(),
                .beta = 0});
  return attach(y, {a, b}, WhereGrad{chosen});
}

Tensor where(const Tensor& condition, const Tensor& a, double b) {
  return where(condition, a, Tensor::scalar(b, a.options()));
}
Tensor where(const Tensor& condition, double a, const Tensor& b) {
  return where(condition, Tensor::scalar(a, b.options()), b);
}

}  // namespace mien
