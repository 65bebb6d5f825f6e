// gemm and conv2d of bf16: on the tensor cores where rows are of whole 16 bytes, else by the
// kernels of f32, of operands that are converted in scratch, and so are results.
#include "kernels/cuda/bf16_products.h"

#include "kernels/cuda/gemm.h"
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

// Of a bf16 tensor's elements in f32; y is null where it is f32 already.
struct GemmParts {
  std::int64_t of_a, of_c, of_y;
  float *a, *c, *y;

  GemmParts(const GemmArgs& g, Parts& parts)
      : of_a((g.batch - 1) * g.a_stride + g.m * g.k),
        of_c((g.batch - 1) * g.c_stride + g.k * g.n),
        of_y((g.batch - 1) * g.y_stride + g.m * g.n),
        a(parts.floats(of_a)),
        c(parts.floats(of_c)),
        y(g.y_f32 ? nullptr : parts.floats(of_y)) {}
};
struct ConvParts {
  std::int64_t of_x, of_weight, of_y;
  float *x, *weight, *y;

  ConvParts(const Conv2dArgs& a, Parts& parts)
      : of_x(std::int64_t(a.n) * a.h * a.w * a.c),
        of_weight(std::int64_t(a.kh) * a.kw * (a.c / a.groups) * a.oc),
        of_y(std::int64_t(a.n) * a.oh * a.ow * a.oc),
        x(parts.floats(of_x)),
        weight(parts.floats(a.pass == ConvPass::grad_w ? 0 : of_weight)),
        y(parts.floats(of_y)) {}
};

}  // namespace

template <>
std::size_t gemm_scratch<bf16>(const GemmArgs& g) {
  if (g.batch == 0) return 0;
  if (fits_bf16(g)) return gemm_scratch(g, gemm_plan<bf16>(g));
  Parts parts(nullptr);
  GemmParts(g, parts);
  parts.take(gemm_scratch<float>(g));
  return parts.used();
}

template <>
void gemm<bf16>(const GemmArgs& g, StreamHandle stream) {
  if (g.batch == 0) return;
  if (fits_bf16(g)) return gemm<bf16>(g, gemm_plan<bf16>(g), stream);
  Parts parts(g.scratch);
  const GemmParts f32(g, parts);
  GemmArgs wide = g;
  wide.scratch = parts.take(gemm_scratch<float>(g));
  widen(g.a, f32.a, f32.of_a, stream);
  widen(g.c, f32.c, f32.of_c, stream);
  wide.a = f32.a;
  wide.c = f32.c;
  if (f32.y) {
    if (g.beta != 0) widen(g.y, f32.y, f32.of_y, stream);
    wide.y = f32.y;
  }
  gemm<float>(wide, stream);
  if (f32.y) narrow(f32.y, g.y, f32.of_y, stream);
}

std::size_t widened_bytes(const Conv2dArgs& a) {
  Parts parts(nullptr);
  ConvParts(a, parts);
  return parts.used();
}

void conv2d_widened(const Conv2dArgs& a, const Plan& plan, void* scratch, StreamHandle stream) {
  Parts parts(scratch);
  const ConvParts f32(a, parts);
  Conv2dArgs wide = a;
  wide.x = f32.x;
  wide.y = f32.y;
  if (a.pass != ConvPass::grad_x || a.beta != 0) widen(a.x, f32.x, f32.of_x, stream);
  if (a.pass != ConvPass::forward) widen(a.y, f32.y, f32.of_y, stream);
  if (a.pass != ConvPass::grad_w) {
    widen(a.weight, f32.weight, f32.of_weight, stream);
    wide.weight = f32.weight;
  }
  conv2d<float>(wide, plan, static_cast<std::byte*>(scratch) + parts.used(), stream);
  if (a.pass == ConvPass::forward) narrow(f32.y, a.y, f32.of_y, stream);
  if (a.pass == ConvPass::grad_x) narrow(f32.x, a.x, f32.of_x, stream);
}

}  // namespace mien::cuda
