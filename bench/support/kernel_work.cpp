#include "bench/support/kernel_work.h"

#include <algorithm>
#include <cmath>

#include "lib/core/kernels_for.h"
#include "lib/runtime/allocator.h"
#include "mien/base/error.h"

namespace bench {

using namespace mien;

Tensor noise(const Shape& shape, int seed) {
  Tensor out = Tensor::empty(shape);
  std::uint32_t state = std::uint32_t(seed) * 2654435761u + 1;
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    state = state * 1664525u + 1013904223u;
    out.data<float>()[i] = float(state >> 8) / float(1 << 23) - 1;
  }
  return out;
}

double relative_difference(const Tensor& got, const Tensor& want) {
  const Tensor a = got.to(kCpu).to(DType::f64), b = want.to(kCpu).to(DType::f64);
  double difference = 0, largest = 0;
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    difference = std::max(difference, std::abs(a.data<double>()[i] - b.data<double>()[i]));
    largest = std::max(largest, std::abs(b.data<double>()[i]));
  }
  return difference / largest;
}

ConvWork::ConvWork(const ConvShape& s, ConvPass pass, ConvMath math, Device device,
                   MatmulMath matmul)
    : x_(noise({s.batch, s.side, s.side, s.channels}, 1).to(device)),
      weight_(noise({s.size, s.size, s.channels, s.filters}, 2).to(device)),
      y_(noise({s.batch, s.side, s.side, s.filters}, 3).to(device)),
      args_{.n = s.batch,
            .h = s.side,
            .w = s.side,
            .c = s.channels,
            .oh = s.side,
            .ow = s.side,
            .oc = s.filters,
            .kh = s.size,
            .kw = s.size,
            .sh = 1,
            .sw = 1,
            .dh = 1,
            .dw = 1,
            .pt = s.size / 2,
            .pl = s.size / 2,
            .groups = 1,
            .pass = pass,
            .math = math,
            .x = x_.raw(),
            .weight = weight_.raw(),
            .y = y_.raw(),
            .bias = nullptr,
            .beta = 0,
            .matmul = matmul} {}

void ConvWork::step() const {
  const KernelTable& kernels = kernels_for(x_);
  const Plan plan = kernels.conv2d_plan(args_);
  const Scratch scratch(x_.device(), plan.scratch);
  kernels.conv2d(args_, plan, scratch.get(), stream_of(x_));
}

const Tensor& ConvWork::result() const {
  return args_.pass == ConvPass::forward ? y_ : args_.pass == ConvPass::grad_x ? x_ : weight_;
}

ConvPass conv_pass(const std::string& name) {
  if (name == "forward") return ConvPass::forward;
  if (name == "grad_x") return ConvPass::grad_x;
  MIEN_CHECK(name == "grad_w", ValueError, "pass must be forward, grad_x or grad_w; got '", name,
             "'");
  return ConvPass::grad_w;
}

GemmWork::GemmWork(int m, int n, int k, bool trans_a, bool trans_b, Device device,
                   MatmulMath matmul)
    : a_(noise(trans_a ? Shape{k, m} : Shape{m, k}, 1).to(device)),
      b_(noise(trans_b ? Shape{n, k} : Shape{k, n}, 2).to(device)),
      y_(Tensor::zeros({m, n}, {.device = device})),
      args_{.batch = 1,
            .m = m,
            .n = n,
            .k = k,
            .trans_a = trans_a,
            .trans_c = trans_b,
            .a = a_.raw(),
            .c = b_.raw(),
            .y = y_.raw(),
            .a_stride = 0,
            .c_stride = 0,
            .y_stride = 0,
            .bias = nullptr,
            .beta = 0,
            .math = matmul} {}

void GemmWork::step() const {
  const KernelTable& kernels = kernels_for(a_);
  const Scratch scratch(a_.device(), kernels.gemm_scratch(args_));
  GemmArgs args = args_;
  args.scratch = scratch.get();
  kernels.gemm(args, stream_of(a_));
}

double GemmWork::flop() const { return 2.0 * double(args_.m) * double(args_.n) * double(args_.k); }

}  // namespace bench
