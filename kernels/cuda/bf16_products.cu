// gemm and conv2d of bf16 activations by the kernels of f32: operands are converted in scratch, and
// so are results. Weights and their gradients are f32 already.
#include "kernels/cuda/kernels.h"

namespace mien::cuda {
namespace {

/// Parts of scratch, one behind the other.
class Parts {
 public:
  explicit Parts(void* scratch) : scratch_(static_cast<std::byte*>(scratch)) {}
  void* take(std::size_t bytes) {
    const std::size_t at = used_;
    used_ += (bytes + 255) / 256 * 256;
    return scratch_ ? scratch_ + at : nullptr;
  }
  float* floats(std::int64_t n) {
    return static_cast<float*>(take(std::size_t(n) * sizeof(float)));
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* scratch_;
  std::size_t used_ = 0;
};

void widen(const void* from, float* to, std::int64_t n, StreamHandle stream) {
  cast({.from = DType::bf16, .to = DType::f32, .n = n, .x = from, .y = to}, stream);
}
void narrow(const float* from, void* to, std::int64_t n, StreamHandle stream) {
  cast({.from = DType::f32, .to = DType::bf16, .n = n, .x = from, .y = to}, stream);
}

struct GemmParts {
  float *a = nullptr, *c = nullptr, *y = nullptr;
  std::int64_t of_a, of_c, of_y;  // elements

  GemmParts(const GemmArgs& g, Parts& parts)
      : of_a((g.batch - 1) * g.a_stride + g.m * g.k),
        of_c((g.batch - 1) * g.c_stride + g.k * g.n),
        of_y((g.batch - 1) * g.y_stride + g.m * g.n) {
    a = parts.floats(of_a);
    if (!g.c_f32) c = parts.floats(of_c);
    if (!g.y_f32) y = parts.floats(of_y);
  }
};

std::int64_t x_size(const Conv2dArgs& a) { return std::int64_t(a.n) * a.h * a.w * a.c; }
std::int64_t y_size(const Conv2dArgs& a) { return std::int64_t(a.n) * a.oh * a.ow * a.oc; }

}  // namespace

template <>
std::size_t gemm_scratch<bf16>(const GemmArgs& g) {
  if (g.batch == 0) return 0;
  Parts parts(nullptr);
  GemmParts(g, parts);
  parts.take(gemm_scratch<float>(g));
  return parts.used();
}

template <>
void gemm<bf16>(const GemmArgs& g, StreamHandle stream) {
  if (g.batch == 0) return;
  Parts parts(g.scratch);
  const GemmParts f32(g, parts);
  GemmArgs wide = g;
  wide.scratch = parts.take(gemm_scratch<float>(g));
  widen(g.a, f32.a, f32.of_a, stream);
  wide.a = f32.a;
  if (f32.c) {
    widen(g.c, f32.c, f32.of_c, stream);
    wide.c = f32.c;
  }
  if (f32.y) {
    if (g.beta != 0) widen(g.y, f32.y, f32.of_y, stream);
    wide.y = f32.y;
  }
  gemm<float>(wide, stream);
  if (f32.y) narrow(f32.y, g.y, f32.of_y, stream);
}

template <>
Plan conv2d_plan<bf16>(const Conv2dArgs& a) {
  Plan plan = conv2d_plan<float>(a);
  Parts parts(nullptr);
  parts.floats(x_size(a));
  parts.floats(y_size(a));
  parts.take(plan.scratch);
  plan.scratch = parts.used();
  return plan;
}

template <>
void conv2d<bf16>(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  Parts parts(scratch);
  float* const x = parts.floats(x_size(a));
  float* const y = parts.floats(y_size(a));
  const bool adds = a.beta != 0;
  if (a.pass != ConvPass::grad_x || adds) widen(a.x, x, x_size(a), stream);
  if (a.pass != ConvPass::forward) widen(a.y, y, y_size(a), stream);
  Conv2dArgs wide = a;
  wide.x = x;
  wide.y = y;
  Plan own = plan;
  own.scratch -= parts.used();
  conv2d<float>(wide, own, parts.take(own.scratch), stream);
  if (a.pass == ConvPass::forward) narrow(y, a.y, y_size(a), stream);
  if (a.pass == ConvPass::grad_x) narrow(x, a.x, x_size(a), stream);
}

}  // namespace mien::cuda
