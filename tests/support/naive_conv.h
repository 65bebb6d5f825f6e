#pragma once

#include <vector>

#include "mien/tensor.h"
#include "tests/support/values.h"

namespace mien {

/// Convolution by its definition, in double, for the tests and benchmarks of the real one.
struct NaiveConv {
  int stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1, top = 0, left = 0, groups = 1;

  /// x [N, H, W, C] * w [KH, KW, C / groups, OC] into a tensor of y's shape (f64).
  Tensor forward(const Tensor& x, const Tensor& w, const Shape& y) const {
    const std::vector<double> vx = values(x), vw = values(w);
    return sum_into(y, [&](std::vector<double>& out) {
      each_product(x.shape(), w.shape(), y,
                   [&](std::size_t i, std::size_t j, std::size_t k) { out[k] += vx[i] * vw[j]; });
    });
  }
  Tensor grad_x(const Tensor& dy, const Tensor& w, const Shape& x) const {
    const std::vector<double> vy = values(dy), vw = values(w);
    return sum_into(x, [&](std::vector<double>& out) {
      each_product(x, w.shape(), dy.shape(),
                   [&](std::size_t i, std::size_t j, std::size_t k) { out[i] += vy[k] * vw[j]; });
    });
  }
  Tensor grad_w(const Tensor& x, const Tensor& dy, const Shape& w) const {
    const std::vector<double> vx = values(x), vy = values(dy);
    return sum_into(w, [&](std::vector<double>& out) {
      each_product(x.shape(), w, dy.shape(),
                   [&](std::size_t i, std::size_t j, std::size_t k) { out[j] += vx[i] * vy[k]; });
    });
  }

 private:
  template <class Sum>
  static Tensor sum_into(const Shape& shape, const Sum& sum) {
    std::vector<double> out(static_cast<std::size_t>(shape.numel()));
    sum(out);
    return Tensor::from(out, shape, {.dtype = DType::f64});
  }

  // Calls visit(x index, w index, y index) for each product of the sum.
  template <class Visit>
  void each_product(const Shape& x, const Shape& w, const Shape& y, const Visit& visit) const {
    const std::int64_t c = w[2], oc = w[3], group_oc = oc / groups;
    for (std::int64_t n = 0; n < y[0]; ++n)
      for (std::int64_t oy = 0; oy < y[1]; ++oy)
        for (std::int64_t ox = 0; ox < y[2]; ++ox)
          for (std::int64_t ky = 0; ky < w[0]; ++ky)
            for (std::int64_t kx = 0; kx < w[1]; ++kx) {
              const std::int64_t iy = oy * stride_y - top + ky * dilation_y;
              const std::int64_t ix = ox * stride_x - left + kx * dilation_x;
              if (iy < 0 || iy >= x[1] || ix < 0 || ix >= x[2]) continue;
              const std::int64_t pixel = ((n * x[1] + iy) * x[2] + ix) * x[3];
              const std::int64_t tap = (ky * w[1] + kx) * c;
              const std::int64_t place = ((n * y[1] + oy) * y[2] + ox) * oc;
              for (std::int64_t i = 0; i < c; ++i)
                for (std::int64_t o = 0; o < oc; ++o)
                  visit(std::size_t(pixel + o / group_oc * c + i), std::size_t((tap + i) * oc + o),
                        std::size_t(place + o));
            }
  }
};

}  // namespace mien
