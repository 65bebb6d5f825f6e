#pragma once

#include <string>
#include <vector>

#include "kernels/api.h"
#include "lib/runtime/allocator.h"
#include "tests/support/naive_conv.h"

namespace mien {

/// A convolution straight through the table of kernels, in f32, for the tests of its algorithms.
struct ConvKernel {
  int n, h, w, c, oc, kh, kw;
  int stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  int top = 0, left = 0, bottom = 0, right = 0;

  Shape x() const { return {n, h, w, c}; }
  Shape weight() const { return {kh, kw, c, oc}; }
  Shape y() const {
    return {n, (h + top + bottom - (kh - 1) * dilation_y - 1) / stride_y + 1,
            (w + left + right - (kw - 1) * dilation_x - 1) / stride_x + 1, oc};
  }
  std::string str() const {
    return x().str() + " * " + weight().str() + " -> " + y().str() + " stride " +
           std::to_string(stride_y) + "x" + std::to_string(stride_x);
  }
  NaiveConv naive() const {
    return {.stride_y = stride_y,
            .stride_x = stride_x,
            .dilation_y = dilation_y,
            .dilation_x = dilation_x,
            .top = top,
            .left = left};
  }

  Conv2dArgs args(ConvPass pass, ConvMath math = ConvMath::exact) const {
    return {.n = n,
            .h = h,
            .w = w,
            .c = c,
            .oh = int(y()[1]),
            .ow = int(y()[2]),
            .oc = oc,
            .kh = kh,
            .kw = kw,
            .sh = stride_y,
            .sw = stride_x,
            .dh = dilation_y,
            .dw = dilation_x,
            .pt = top,
            .pl = left,
            .groups = 1,
            .pass = pass,
            .math = math,
            .x = nullptr,
            .weight = nullptr,
            .y = nullptr,
            .bias = nullptr,
            .beta = 0};
  }
  Plan plan(ConvPass pass, ConvMath math = ConvMath::exact) const {
    return cpu_kernels(DType::f32).conv2d_plan(args(pass, math));
  }

  /// y = conv(x, weight) + bias.
  Tensor forward(const Tensor& image, const Tensor& filters, const Tensor& bias,
                 ConvMath math = ConvMath::exact) const {
    Tensor out = Tensor::empty(y());
    Conv2dArgs a = args(ConvPass::forward, math);
    a.bias = bias.defined() ? bias.raw() : nullptr;
    run(a, image, filters, out);
    return out;
  }
  /// beta old + the gradient of the weight.
  Tensor grad_w(const Tensor& image, const Tensor& dy, const Tensor& old, double beta,
                ConvMath math = ConvMath::exact) const {
    Tensor out = old.clone();
    Conv2dArgs a = args(ConvPass::grad_w, math);
    a.beta = beta;
    run(a, image, out, dy);
    return out;
  }

  /// beta old + the gradient of the image.
  Tensor grad_x(const Tensor& dy, const Tensor& filters, const Tensor& old, double beta,
                ConvMath math = ConvMath::exact) const {
    Tensor out = old.clone();
    Conv2dArgs a = args(ConvPass::grad_x, math);
    a.beta = beta;
    run(a, out, filters, dy);
    return out;
  }
  /// With the filters packed by a call of its own, where the plan can have them so.
  bool packed = false;

 private:
  void run(Conv2dArgs a, const Tensor& x, const Tensor& weight, const Tensor& y) const {
    a.x = const_cast<void*>(x.raw());
    a.weight = const_cast<void*>(weight.raw());
    a.y = const_cast<void*>(y.raw());
    const KernelTable& kernels = cpu_kernels(DType::f32);
    Plan plan = kernels.conv2d_plan(a);
    const Scratch filters(kCpu, packed ? kernels.conv2d_pack(a, plan, nullptr) : 0);
    if (filters.get()) {
      kernels.conv2d_pack(a, plan, filters.get());
      a.packed_weight = filters.get();
      a.weight = nullptr;
      plan = kernels.conv2d_plan(a);
    }
    const Scratch scratch(kCpu, plan.scratch);
    kernels.conv2d(a, plan, scratch.get(), nullptr);
  }
};

}  // namespace mien
