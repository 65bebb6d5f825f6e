#include "tests/support/naive_conv.h"

#include "tests/support/values.h"

namespace mien {
namespace {

// Calls visit(x index, w index, y index) for each product of the sum.
template <class Visit>
void each_product(const NaiveConv& o, const Shape& x, const Shape& w, const Shape& y,
                  const Visit& visit) {
  const std::int64_t c = w[2], group_oc = w[3] / o.groups;
  for (std::int64_t n = 0; n < y[0]; ++n)
    for (std::int64_t oy = 0; oy < y[1]; ++oy)
      for (std::int64_t ox = 0; ox < y[2]; ++ox)
        for (std::int64_t ky = 0; ky < w[0]; ++ky)
          for (std::int64_t kx = 0; kx < w[1]; ++kx) {
            const std::int64_t iy = oy * o.stride_y - o.top + ky * o.dilation_y;
            const std::int64_t ix = ox * o.stride_x - o.left + kx * o.dilation_x;
            if (iy < 0 || iy >= x[1] || ix < 0 || ix >= x[2]) continue;
            for (std::int64_t i = 0; i < c; ++i)
              for (std::int64_t oc = 0; oc < w[3]; ++oc)
                visit(std::size_t(((n * x[1] + iy) * x[2] + ix) * x[3] + oc / group_oc * c + i),
                      std::size_t(((ky * w[1] + kx) * c + i) * w[3] + oc),
                      std::size_t(((n * y[1] + oy) * y[2] + ox) * y[3] + oc));
          }
}

std::vector<double> nothing(const Shape& shape) {
  return std::vector<double>(static_cast<std::size_t>(shape.numel()));
}

}  // namespace

Tensor NaiveConv::forward(const Tensor& x, const Tensor& w, const Shape& y) const {
  const std::vector<double> vx = values(x), vw = values(w);
  std::vector<double> out = nothing(y);
  each_product(*this, x.shape(), w.shape(), y,
               [&](std::size_t i, std::size_t j, std::size_t k) { out[k] += vx[i] * vw[j]; });
  return Tensor::from(out, y, {.dtype = DType::f64});
}

Tensor NaiveConv::grad_x(const Tensor& dy, const Tensor& w, const Shape& x) const {
  const std::vector<double> vy = values(dy), vw = values(w);
  std::vector<double> out = nothing(x);
  each_product(*this, x, w.shape(), dy.shape(),
               [&](std::size_t i, std::size_t j, std::size_t k) { out[i] += vy[k] * vw[j]; });
  return Tensor::from(out, x, {.dtype = DType::f64});
}

Tensor NaiveConv::grad_w(const Tensor& x, const Tensor& dy, const Shape& w) const {
  const std::vector<double> vx = values(x), vy = values(dy);
  std::vector<double> out = nothing(w);
  each_product(*this, x.shape(), w, dy.shape(),
               [&](std::size_t i, std::size_t j, std::size_t k) { out[j] += vx[i] * vy[k]; });
  return Tensor::from(out, w, {.dtype = DType::f64});
}

}  // namespace mien
