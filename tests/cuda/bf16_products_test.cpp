// Products and convolutions of bf16 activations against those of f32 on the same rounded inputs.
#include <cmath>
#include <vector>

#include "tests/cuda/bf16.h"
#include "tests/support/catch.h"
#include "tests/support/twin_scratch.h"

namespace mien {
namespace {

TEST_CASE("products of bf16 activations are those of f32, rounded", "[cuda]") {
  struct Case {
    std::int64_t batch, m, n, k;
    bool trans_a, trans_c, gradient;  // y is f32
  };
  for (const Case& each :
       {Case{1, 9, 7, 20, false, false, false}, Case{1, 20, 16, 12, false, true, false},
        Case{1, 20, 12, 33, true, false, true}, Case{3, 5, 8, 6, false, false, false},
        Case{2, 8, 5, 4, false, true, false}})
    for (const double beta : {0.0, 0.5}) {
      const std::int64_t m = each.m, n = each.n, k = each.k;
      CAPTURE(each.batch, m, n, k, beta);
      const Shape y{each.batch, m, n};
      REQUIRE(twin(
                  {half({each.batch, m, k}, 1), half({each.batch, k, n}, 2),
                   each.gradient ? full_result(y, beta) : half_result(y, beta), full({n}, 3)},
                  [&](const KernelTable& table, void* const* b, StreamHandle s) {
                    GemmArgs args{.batch = each.batch,
                                  .m = m,
                                  .n = n,
                                  .k = k,
                                  .trans_a = each.trans_a,
                                  .trans_c = each.trans_c,
                                  .a = b[0],
                                  .c = b[1],
                                  .y = b[2],
                                  .a_stride = m * k,
                                  .c_stride = k * n,
                                  .y_stride = m * n,
                                  .bias = each.gradient ? nullptr : b[3],
                                  .beta = beta,
                                  .y_f32 = each.gradient};
                    const TwinScratch scratch(table, table.gemm_scratch(args), s);
                    args.scratch = scratch.get();
                    table.gemm(args, s);
                  },
                  kHalf) == "");
    }
}

TEST_CASE("convolutions of bf16 activations are those of f32, rounded", "[cuda]") {
  struct Case {
    int n, in, c, out, oc, stride, before, groups;  // images of in x in, windows of 3 x 3
  };
  for (const Case& shape : {Case{2, 6, 8, 6, 12, 1, 1, 1}, Case{2, 7, 1, 7, 16, 1, 1, 1},
                            Case{1, 7, 5, 3, 7, 2, 0, 1}, Case{1, 6, 8, 6, 8, 1, 1, 8}})
    for (const ConvPass pass : {ConvPass::forward, ConvPass::grad_x, ConvPass::grad_w}) {
      const double beta = pass == ConvPass::forward ? 0 : shape.c == 8 ? 0.5 : 0;
      CAPTURE(shape.c, shape.groups, int(pass));
      const Shape x{shape.n, shape.in, shape.in, shape.c};
      const Shape y{shape.n, shape.out, shape.out, shape.oc};
      const Shape w{3, 3, shape.c / shape.groups, shape.oc};
      REQUIRE(twin(
                  {pass == ConvPass::grad_x ? half_result(x, beta) : half(x, 1),
                   pass == ConvPass::grad_w ? full_result(w, beta) : half(w, 2),
                   pass == ConvPass::forward ? half_result(y, 0) : half(y, 3), full({shape.oc}, 4)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    const Conv2dArgs args{.n = shape.n,
                                          .h = shape.in,
                                          .w = shape.in,
                                          .c = shape.c,
                                          .oh = shape.out,
                                          .ow = shape.out,
                                          .oc = shape.oc,
                                          .kh = 3,
                                          .kw = 3,
                                          .sh = shape.stride,
                                          .sw = shape.stride,
                                          .dh = 1,
                                          .dw = 1,
                                          .pt = shape.before,
                                          .pl = shape.before,
                                          .groups = shape.groups,
                                          .pass = pass,
                                          .math = ConvMath::reference,
                                          .x = b[0],
                                          .weight = b[1],
                                          .y = b[2],
                                          .bias = pass == ConvPass::forward ? b[3] : nullptr,
                                          .beta = beta};
                    const Plan plan = k.conv2d_plan(args);
                    const TwinScratch scratch(k, plan.scratch, s);
                    k.conv2d(args, plan, scratch.get(), s);
                  },
                  kHalf) == "");
    }
}

}  // namespace
}  // namespace mien
