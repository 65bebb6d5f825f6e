#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  int n, h, w, c, sy, sx;
};
constexpr Case kCases[] = {
    {2, 3, 2, 64, 2, 2}, {1, 5, 3, 7, 3, 2}, {1, 1, 1, 3, 4, 4},   {1, 2, 2, 76, 1, 5},
    {3, 4, 1, 1, 3, 3},  {1, 6, 5, 4, 1, 1}, {1, 2, 12, 92, 2, 3}, {0, 3, 3, 4, 2, 2},
};

TEST_CASE("upsample2d and its gradient are those of the CPU", "[cuda]") {
  for (const Case& c : kCases) {
    for (const bool bilinear : {false, true}) {
      for (const double beta : {0.0, 0.5}) {
        CAPTURE(c.n, c.h, c.w, c.c, c.sy, c.sx, bilinear, beta);
        const Shape in{c.n, c.h, c.w, c.c}, out{c.n, c.h * c.sy, c.w * c.sx, c.c};
        const Tensor dx = beta == 0 ? unwritten(in) : random_tensor(in, 3, -1, 1, DType::f32);
        REQUIRE(twin({random_tensor(in, 1, -1, 1, DType::f32), unwritten(out),
                      random_tensor(out, 2, -1, 1, DType::f32), dx},
                     [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                       k.upsample2d({c.n, c.h, c.w, c.c, c.sy, c.sx, bilinear, b[0], b[1]}, stream);
                       k.upsample2d_grad(
                           {c.n, c.h, c.w, c.c, c.sy, c.sx, bilinear, b[2], b[3], beta}, stream);
                     }) == "");
      }
    }
  }
}

}  // namespace
}  // namespace mien
