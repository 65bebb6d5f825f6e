#include "mien/ops/matmul.h"

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "lib/ops/checks.h"
#include "lib/ops/column_sum.h"
#include "lib/runtime/allocator.h"
#include "mien/autograd.h"
#include "mien/runtime.h"

namespace mien {
namespace {

// y = op(a) op(b) for each of batch; a stride of 0 is a matrix that serves all.
struct Product {
  std::int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
  std::int64_t a_stride, b_stride;
  bool weight_f32 = false;             // b is a weight's copy in bf16; nothing is transposed then
  MatmulMath math = float32_matmul();  // of its gradients too
};

void multiply(const char* op, const Product& p, GemmArgs args, const Tensor& like) {
  args.math = p.math;
  const auto size = kernels_for(like).gemm_scratch;
  const Scratch scratch(like.device(), size ? size(args) : 0);
  args.scratch = scratch.get();
  run(op, like, &KernelTable::gemm, args);
}

// The gradients are products of the same kind, transposed as needed: dA = dY B^T, dB = A^T dY.
void gradient_of_a(const char* op, const Product& p, const Tensor& dy, const void* b,
                   const GradSlot& slot) {
  GemmArgs g{.batch = p.batch,
             .m = p.m,
             .n = p.k,
             .k = p.n,
             .trans_a = false,
             .trans_c = !p.transpose_b,
             .a = dy.raw(),
             .c = b,
             .y = slot.raw(),
             .a_stride = p.m * p.n,
             .c_stride = p.b_stride,
             .y_stride = p.a_stride,
             .bias = nullptr,
             .beta = slot.beta};
  if (p.transpose_a) {  // dA^T = B dY^T
    g.m = p.k;
    g.n = p.m;
    g.trans_a = p.transpose_b;
    g.trans_c = true;
    g.a = b;
    g.c = dy.raw();
    g.a_stride = p.b_stride;
    g.c_stride = p.m * p.n;
  }
  multiply(op, p, g, dy);
}

void gradient_of_b(const char* op, const Product& p, const Tensor& dy, const void* a,
                   const GradSlot& slot) {
  GemmArgs g{.batch = p.batch,
             .m = p.k,
             .n = p.n,
             .k = p.m,
             .trans_a = !p.transpose_a,
             .trans_c = false,
             .a = a,
             .c = dy.raw(),
             .y = slot.raw(),
             .a_stride = p.a_stride,
             .c_stride = p.m * p.n,
             .y_stride = p.b_stride,
             .bias = nullptr,
             .beta = slot.beta,
             .y_f32 = p.weight_f32};
  if (p.transpose_b) {  // dB^T = dY^T A
    g.m = p.n;
    g.n = p.k;
    g.trans_a = true;
    g.trans_c = p.transpose_a;
    g.a = dy.raw();
    g.c = a;
    g.a_stride = p.m * p.n;
    g.c_stride = p.a_stride;
  }
  multiply(op, p, g, dy);
}

struct MatmulGrad {
  static constexpr const char* name = "matmul";
  Product product;
  SavedTensor a, b;  // only what the other's gradient needs

  void backward(const GradIn& dy, GradOut& dx) {
    if (dx.wants(0)) gradient_of_a(name, product, dy[0], b.raw(), dx.into(0));
    if (dx.wants(1)) gradient_of_b(name, product, dy[0], a.raw(), dx.into(1));
  }
};

struct DenseGrad {
  static constexpr const char* name = "dense";
  Product product;
  SavedTensor x, weight;

  void backward(const GradIn& dy, GradOut& dx) {
    if (dx.wants(2)) column_sum(name, dy[0], dx.into(2));
    if (dx.wants(1)) gradient_of_b(name, product, dy[0], x.raw(), dx.into(1));
    x = SavedTensor();  // its gradient may take its place
    if (dx.wants(0)) gradient_of_a(name, product, dy[0], weight.raw(), dx.into(0));
  }
};

void forward(const char* op, const Product& p, const Tensor& a, const Tensor& b, const Tensor& bias,
             const Tensor& y) {
  multiply(op, p,
           GemmArgs{.batch = p.batch,
                    .m = p.m,
                    .n = p.n,
                    .k = p.k,
                    .trans_a = p.transpose_a,
                    .trans_c = p.transpose_b,
                    .a = a.raw(),
                    .c = b.raw(),
                    .y = y.raw(),
                    .a_stride = p.a_stride,
                    .c_stride = p.b_stride,
                    .y_stride = p.m * p.n,
                    .bias = bias.defined() ? bias.raw() : nullptr,
                    .beta = 0},
           y);
}

SavedTensor keep_if(bool needed, const Tensor& tensor) {
  return needed ? SavedTensor(tensor) : SavedTensor();
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, const MatmulOptions& options) {
  check_computes("matmul", a);
  check_same_kind("matmul", a, b);
  MIEN_CHECK(a.rank() >= 2 && b.rank() >= 2, ShapeError,
             "matmul: both operands must be matrices, [..., m, k] and [..., k, n]; got ", a.shape(),
             " and ", b.shape());
  const bool ta = options.transpose_a, tb = options.transpose_b;
  Product p{.batch = 1,
            .m = a.shape()[ta ? -1 : -2],
            .n = b.shape()[tb ? -2 : -1],
            .k = a.shape()[ta ? -2 : -1],
            .transpose_a = ta,
            .transpose_b = tb,
            .a_stride = 0,
            .b_stride = 0};
  const char *a_note = ta ? " transposed" : "", *b_note = tb ? " transposed" : "";
  MIEN_CHECK(p.k == b.shape()[tb ? -1 : -2], ShapeError, "matmul: inner sizes differ: ", a.shape(),
             a_note, " x ", b.shape(), b_note);
  const Shape a_lead = a.shape().slice(0, -2), b_lead = b.shape().slice(0, -2);
  const bool a_serves_all = a_lead.numel() == 1, b_serves_all = b_lead.numel() == 1;
  MIEN_CHECK(a_lead == b_lead || a_serves_all || b_serves_all, ShapeError,
             "matmul: leading axes must be equal, or absent on one side; got ", a.shape(), " and ",
             b.shape());
  const Shape lead = a_lead == b_lead ? a_lead : broadcast("matmul", a_lead, b_lead);
  p.batch = lead.numel();
  if (b_serves_all && !ta) {  // one tall product instead of many
    p.m *= p.batch;
    p.batch = 1;
  }
  p.a_stride = a_serves_all ? 0 : p.m * p.k;
  p.b_stride = b_serves_all ? 0 : p.k * p.n;

  Tensor y = Tensor::empty(join(lead, {a.shape()[ta ? -1 : -2], p.n}), a.options());
  forward("matmul", p, a, b, Tensor(), y);
  if (!needs_node({a, b})) return y;
  return attach(y, {a, b}, MatmulGrad{p, keep_if(b.needs_grad(), a), keep_if(a.needs_grad(), b)});
}

Tensor dense(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_computes("dense", x);
  check_weight("dense", "weight", x, weight);
  MIEN_CHECK(x.rank() >= 1 && weight.rank() == 2, ShapeError,
             "dense: input must be [..., in] and weight [in, units]; got ", x.shape(), " and ",
             weight.shape());
  const std::int64_t in = weight.shape()[0], units = weight.shape()[1];
  MIEN_CHECK(x.shape()[-1] == in, ShapeError, "dense: input ", x.shape(), " has ", x.shape()[-1],
             " features; weight ", weight.shape(), " wants ", in);
  if (bias.defined()) {
    check_weight("dense", "bias", x, bias);
    MIEN_CHECK(bias.shape() == Shape{units}, ShapeError, "dense: bias must be ", Shape{units},
               " for weight ", weight.shape(), "; got ", bias.shape());
  }
  const Shape lead = x.shape().slice(0, -1);
  const Product p{.batch = 1,
                  .m = lead.numel(),
                  .n = units,
                  .k = in,
                  .transpose_a = false,
                  .transpose_b = false,
                  .a_stride = 0,
                  .b_stride = 0,
                  .weight_f32 = x.dtype() == DType::bf16};
  Tensor y = Tensor::empty(join(lead, {units}), x.options());
  const Tensor factor = factor_of(x, weight);
  forward("dense", p, x, factor, bias, y);
  if (!needs_node({x, weight, bias})) return y;
  attach(y, {x, weight, bias},
         DenseGrad{p, keep_if(weight.needs_grad(), x), keep_if(x.needs_grad(), factor)});
  adds_bias(y, 2);
  return y;
}

}  // namespace mien
