#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// n, h, w, c, oh, ow, kh, kw, sh, sw, pt, pl
constexpr Pool2dGeometry kGeometries[] = {
    {2, 6, 6, 64, 3, 3, 2, 2, 2, 2, 0, 0},     // halves, by four
    {1, 7, 5, 128, 3, 2, 2, 2, 2, 2, 0, 0},    // an odd last line and column
    {3, 4, 6, 7, 2, 3, 2, 2, 2, 2, 0, 0},      // one by one
    {1, 5, 5, 76, 3, 3, 2, 2, 2, 2, 0, 0},     // windows that leave the image
    {2, 9, 7, 4, 5, 4, 3, 3, 2, 2, 1, 1},      // they overlap, padded
    {1, 8, 8, 3, 8, 8, 3, 3, 1, 1, 1, 1},      // stride 1
    {1, 9, 10, 4, 3, 2, 2, 3, 3, 4, 0, 1},     // gaps between them
    {1, 12, 12, 1, 1, 1, 12, 12, 1, 1, 0, 0},  // the whole image
    {3, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0},     {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0},
    {1, 2, 70, 20, 1, 35, 2, 2, 2, 2, 0, 0},  // a line of several blocks
    {0, 4, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0},
};

Shape in_shape(const Pool2dGeometry& g) { return {g.n, g.h, g.w, g.c}; }
Shape out_shape(const Pool2dGeometry& g) { return {g.n, g.oh, g.ow, g.c}; }

// Few different values, so that many are equal, and some NaN.
Tensor with_ties(const Shape& shape) {
  Tensor x = random_tensor(shape, 1, -3, 3, DType::f32);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    float& each = x.data<float>()[i];
    each = i % 41 == 5 ? NAN : std::round(each);
  }
  return x;
}

template <class Check>
void for_geometries(const Check& check) {
  for (const Pool2dGeometry& g : kGeometries) {
    CAPTURE(g.n, g.h, g.w, g.c, g.oh, g.ow, g.kh, g.kw, g.sh, g.sw, g.pt, g.pl);
    check(g);
  }
}

TEST_CASE("max_pool2d takes the CPU's places, of equal ones and NaN too", "[cuda]") {
  for_geometries([](const Pool2dGeometry& g) {
    const Tensor argmax = Tensor::full(out_shape(g), 99, {.dtype = DType::u8});
    REQUIRE(twin({with_ties(in_shape(g)), unwritten(out_shape(g)), argmax, unwritten(out_shape(g))},
                 [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                   auto* places = static_cast<std::uint8_t*>(b[2]);
                   k.max_pool2d({g, b[0], b[1], places}, stream);
                   k.max_pool2d({g, b[0], b[3], nullptr}, stream);
                 },
                 {.tolerance = 0}) == "");
  });
}

TEST_CASE("the gradient of max_pool2d is that of the CPU", "[cuda]") {
  for_geometries([](const Pool2dGeometry& g) {
    const Tensor argmax = Tensor::zeros(out_shape(g), {.dtype = DType::u8});
    for (const double beta : {0.0, 0.5}) {
      const Tensor dx =
          beta == 0 ? unwritten(in_shape(g)) : random_tensor(in_shape(g), 3, -1, 1, DType::f32);
      REQUIRE(twin({random_tensor(in_shape(g), 1, -1, 1, DType::f32), unwritten(out_shape(g)),
                    argmax, random_tensor(out_shape(g), 2, -1, 1, DType::f32), dx},
                   [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                     auto* places = static_cast<std::uint8_t*>(b[2]);
                     k.max_pool2d({g, b[0], b[1], places}, stream);
                     k.max_pool2d_grad({g, b[3], places, b[4], beta}, stream);
                   }) == "");
    }
  });
}

TEST_CASE("avg_pool2d and its gradient are those of the CPU", "[cuda]") {
  for_geometries([](const Pool2dGeometry& g) {
    for (const double beta : {0.0, 0.5}) {
      const Tensor dx =
          beta == 0 ? unwritten(in_shape(g)) : random_tensor(in_shape(g), 3, -1, 1, DType::f32);
      REQUIRE(twin({random_tensor(in_shape(g), 1, -1, 1, DType::f32), unwritten(out_shape(g)),
                    random_tensor(out_shape(g), 2, -1, 1, DType::f32), dx},
                   [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                     k.avg_pool2d({g, b[0], b[1]}, stream);
                     k.avg_pool2d_grad({g, b[2], b[3], beta}, stream);
                   }) == "");
    }
  });
}

TEST_CASE("pooling does without aligned arrays", "[cuda]") {
  const Pool2dGeometry g{1, 4, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0};
  const Tensor x = random_tensor({65}, 1, -1, 1, DType::f32);
  const Tensor argmax = Tensor::zeros({17}, {.dtype = DType::u8});
  REQUIRE(twin({x, Tensor::zeros({17}), argmax, Tensor::zeros({65})},
               [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                 auto* from = static_cast<float*>(b[0]) + 1;
                 auto* to = static_cast<float*>(b[1]) + 1;
                 auto* places = static_cast<std::uint8_t*>(b[2]) + 1;
                 auto* dx = static_cast<float*>(b[3]) + 1;
                 k.max_pool2d({g, from, to, places}, stream);
                 k.max_pool2d_grad({g, to, places, dx, 0}, stream);
                 k.avg_pool2d_grad({g, to, dx, 1}, stream);
                 k.avg_pool2d({g, dx, to}, stream);
               }) == "");
}

}  // namespace
}  // namespace mien
