#pragma once

#include <memory>
#include <string>

#include "kernels/api.h"
#include "mien/tensor.h"

// Kernels at work on noise, called as ops call them.

namespace bench {

/// The same noise in [-1, 1) for the same seed.
mien::Tensor noise(const mien::Shape& shape, int seed);

/// Largest difference over the largest wanted value; both of one shape.
double relative_difference(const mien::Tensor& got, const mien::Tensor& want);

/// A convolution of square images and filters, stride 1, padding "same".
struct ConvShape {
  int batch, side, channels, filters, size;
  /// Floating-point operations of each pass, by the definition.
  double flop() const { return 2.0 * batch * side * side * size * size * channels * filters; }
};

/// One pass of such a convolution.
class ConvWork {
 public:
  ConvWork(const ConvShape& shape, mien::ConvPass pass, mien::ConvMath math,
           mien::Device device = mien::kCpu, mien::MatmulMath matmul = mien::MatmulMath::exact);
  void step() const;

  const mien::Tensor& x() const { return x_; }
  const mien::Tensor& weight() const { return weight_; }
  const mien::Tensor& y() const { return y_; }
  /// The one of them that step() writes.
  const mien::Tensor& result() const;

 private:
  mien::Tensor x_, weight_, y_;
  mien::Conv2dArgs args_;
};

/// forward, grad_x or grad_w. Throws ValueError for another name.
mien::ConvPass conv_pass(const std::string& name);

/// y = a b, [m, k] x [k, n]; trans_a: a is kept as [k, m], trans_b: b as [n, k].
class GemmWork {
 public:
  GemmWork(int m, int n, int k, bool trans_a = false, bool trans_b = false,
           mien::Device device = mien::kCpu, mien::MatmulMath matmul = mien::MatmulMath::exact);
  void step() const;

  const mien::Tensor& a() const { return a_; }
  const mien::Tensor& b() const { return b_; }
  const mien::Tensor& y() const { return y_; }
  double flop() const;

 private:
  mien::Tensor a_, b_, y_;
  mien::GemmArgs args_;
};

}  // namespace bench
