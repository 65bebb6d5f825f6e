// The kernels of bf16 activations against those of f32 on the same rounded inputs.
#include <cmath>
#include <vector>

#include "tests/cuda/bf16.h"
#include "tests/support/catch.h"
#include "tests/support/twin_scratch.h"

namespace mien {
namespace {

TEST_CASE("unary functions of bf16 are those of f32, rounded", "[cuda]") {
  for (std::size_t i = 0; i <= std::size_t(UnaryOp::softplus); ++i) {
    const auto op = UnaryOp(i);
    for (const std::int64_t n : {1, 8, 523}) {
      CAPTURE(i, n);
      const double beta = n == 8 ? 0.5 : 0;
      const std::vector<Tensor> buffers{half({n}, 1, 0.5, 2), half_result({n}, 0), half({n}, 2),
                                        half({n}, 3, 0.5, 2), half_result({n}, beta)};
      REQUIRE(twin(
                  buffers,
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.unary({op, n, b[0], b[1], 0.75, 1.5}, s);
                    k.unary_grad({op, n, b[2], b[0], b[3], b[4], beta, 0.75, 1.5}, s);
                  },
                  kHalf) == "");
    }
  }
}

TEST_CASE("binary functions of bf16 are those of f32, rounded, also where they broadcast",
          "[cuda]") {
  const BroadcastArgs walks[] = {{1, {531}, {1}, {1}},
                                 {2, {7, 24}, {24, 1}, {0, 1}},
                                 {2, {9, 16}, {16, 1}, {1, 0}},
                                 {2, {5, 3}, {0, 1}, {3, 1}}};
  for (const BroadcastArgs& walk : walks)
    for (std::size_t i = 0; i <= std::size_t(BinaryOp::maximum); ++i) {
      const auto op = BinaryOp(i);
      const std::int64_t n = walk.rank == 1 ? walk.dims[0] : walk.dims[0] * walk.dims[1];
      const double beta = i % 2 == 0 ? 0 : 0.5;
      CAPTURE(i, n);
      REQUIRE(twin(
                  {half({n}, 1, 0.5, 2), half({n}, 2, 0.5, 2), half_result({n}, 0), half({n}, 3),
                   half_result({n}, beta), half_result({n}, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.binary({op, walk, b[0], b[1], b[2]}, s);
                    k.binary_grad({op, 0, walk, b[3], b[0], b[1], b[4], beta}, s);
                    k.binary_grad({op, 1, walk, b[3], b[0], b[1], b[5], beta}, s);
                  },
                  kHalf) == "");
    }
}

TEST_CASE("bf16 is compared, chosen and scaled as f32 is", "[cuda]") {
  const std::int64_t n = 131;
  const BroadcastArgs walk{1, {n}, {1}, {1}};
  const Tensor b = half({n}, 2);
  Tensor a = half({n}, 1);
  a.slice(0, 40).copy_from(b.slice(0, 40));
  const Tensor test = Tensor::zeros({n}, {.dtype = DType::u8});
  for (const double beta : {0.0, 0.5})
    REQUIRE(
        twin(
            {a, b, test, half_result({n}, beta), half_result({n}, beta), test},
            [&](const KernelTable& k, void* const* p, StreamHandle s) {
              auto* at_most = static_cast<std::uint8_t*>(p[2]);
              k.compare({CompareOp::less_equal, walk, p[0], p[1], at_most}, s);
              k.compare({CompareOp::equal, walk, p[0], p[1], static_cast<std::uint8_t*>(p[5])}, s);
              k.where({n, at_most, p[0], nullptr, p[3], beta}, s);
              k.axpy({.n = n, .alpha = 1.25, .x = p[1], .y = p[4], .beta = beta}, s);
            },
            kHalf) == "");
}

TEST_CASE("copies and gathers of bf16 add in f32", "[cuda]") {
  // A transposition by tiles, a plain one, a slice.
  const CopyArgs copies[] = {{2, {40, 35}, {1, 40}, {35, 1}, nullptr, nullptr, 0},
                             {2, {6, 5}, {1, 6}, {5, 1}, nullptr, nullptr, 0},
                             {2, {6, 16}, {32, 1}, {16, 1}, nullptr, nullptr, 0}};
  for (const CopyArgs& copy : copies)
    for (const double beta : {0.0, 0.5}) {
      const std::int64_t n = copy.dims[0] * copy.dims[1];
      CAPTURE(n, beta);
      REQUIRE(twin(
                  {half({2 * n}, 1), half_result({n}, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    CopyArgs args = copy;
                    args.x = b[0];
                    args.y = b[1];
                    args.beta = beta;
                    k.copy(args, s);
                  },
                  kHalf) == "");
    }
  const Tensor indices = Tensor::from({2, 0, 2, 4, 2}, {5}, {.dtype = DType::i32});
  for (const std::int64_t inner : {1, 16})
    for (const double beta : {0.0, 0.5})
      REQUIRE(twin(
                  {half({3, 5, inner}, 1), indices, half_result({3, 6, inner}, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.gather_grad(
                        {3, 6, inner, 5, static_cast<const std::int32_t*>(b[1]), b[0], b[2], beta},
                        s);
                  },
                  kHalf) == "");
}

TEST_CASE("sums of bf16 are made in f32 and written as either", "[cuda]") {
  struct Case {
    std::int64_t rows, c;
    bool over_rows;
  };
  for (const Case& each : {Case{300, 24, true}, Case{7, 3, true}, Case{1, 64, true},
                           Case{9, 700, false}, Case{5, 3, false}})
    for (const double beta : {0.0, 0.5}) {
      const std::int64_t outputs = each.over_rows ? each.c : each.rows;
      CAPTURE(each.rows, each.c, each.over_rows, beta);
      const bool rows = each.over_rows;
      REQUIRE(
          twin(
              {half({each.rows, each.c}, 1, 0, 1), half_result({outputs}, beta),
               full_result({outputs}, beta), half_result({outputs}, 0),
               Tensor::zeros({outputs}, {.dtype = DType::i32})},
              [&](const KernelTable& k, void* const* b, StreamHandle s) {
                ReduceArgs args{ReduceOp::sum, 2,   {each.rows, each.c}, {rows, !rows}, b[0], b[1],
                                0.25,          beta};
                k.reduce(args, s);
                args.y = b[2];
                args.to_f32 = true;
                k.reduce(args, s);
                k.reduce({ReduceOp::max, 2, {each.rows, each.c}, {rows, !rows}, b[0], b[3], 1, 0},
                         s);
                auto* places = static_cast<std::int32_t*>(b[4]);
                k.argmax({rows ? 1 : each.rows, rows ? each.rows : each.c, rows ? each.c : 1, b[0],
                          places},
                         s);
              },
              kHalf) == "");
    }
}

TEST_CASE("a sum of bf16 to f32 has f32's precision", "[cuda]") {
  const TwinOptions precise{.tolerance = 1e-6, .table = DType::bf16, .cpu_table = DType::f32};
  REQUIRE(twin(
              {half({1000, 8}, 1), unwritten({8})},
              [&](const KernelTable& k, void* const* b, StreamHandle s) {
                k.reduce({ReduceOp::sum, 2, {1000, 8}, {true, false}, b[0], b[1], 1, 0, true}, s);
              },
              precise) == "");
}

TEST_CASE("softmax of bf16 is that of f32, rounded", "[cuda]") {
  for (const bool log : {false, true})
    for (const std::int64_t cols : {7, 100}) {
      CAPTURE(log, cols);
      const double beta = cols == 7 ? 0 : 0.5;
      REQUIRE(twin(
                  {half({5, cols}, 1, -3, 3), half_result({5, cols}, 0), half({5, cols}, 2),
                   half({5, cols}, 3, log ? -4 : 0, log ? -1 : 0.3), half_result({5, cols}, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.softmax({5, cols, log, b[0], b[1]}, s);
                    k.softmax_grad({5, cols, log, b[2], b[3], b[4], beta}, s);
                  },
                  kHalf) == "");
    }
}

TEST_CASE("pooling of bf16 is that of f32, rounded", "[cuda]") {
  // n, h, w, c, oh, ow, kh, kw, sh, sw, pt, pl
  const Pool2dGeometry geometries[] = {{2, 6, 6, 8, 3, 3, 2, 2, 2, 2, 0, 0},
                                       {1, 5, 7, 4, 2, 3, 2, 2, 2, 2, 0, 0},
                                       {2, 4, 6, 7, 2, 3, 2, 2, 2, 2, 0, 0},
                                       {1, 9, 7, 4, 5, 4, 3, 3, 2, 2, 1, 1}};
  for (const Pool2dGeometry& g : geometries)
    for (const double beta : {0.0, 0.5}) {
      CAPTURE(g.h, g.w, g.c, beta);
      const Shape in{g.n, g.h, g.w, g.c}, out{g.n, g.oh, g.ow, g.c};
      REQUIRE(twin(
                  {half(in, 1), half_result(out, 0), Tensor::zeros(out, {.dtype = DType::u8}),
                   half(out, 2), half_result(in, beta), half_result(out, 0), half_result(in, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    auto* places = static_cast<std::uint8_t*>(b[2]);
                    k.max_pool2d({g, b[0], b[1], places}, s);
                    k.max_pool2d_grad({g, b[3], places, b[4], beta}, s);
                    k.avg_pool2d({g, b[0], b[5]}, s);
                    k.avg_pool2d_grad({g, b[3], b[6], beta}, s);
                  },
                  kHalf) == "");
    }
}

TEST_CASE("upsampling of bf16 is that of f32, rounded", "[cuda]") {
  for (const bool bilinear : {false, true})
    for (const int c : {3, 8}) {
      const double beta = c == 3 ? 0.5 : 0;
      CAPTURE(bilinear, c);
      const Shape in{2, 3, 4, c}, out{2, 6, 12, c};
      REQUIRE(twin(
                  {half(in, 1), half_result(out, 0), half(out, 2), half_result(in, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.upsample2d({2, 3, 4, c, 2, 3, bilinear, b[0], b[1]}, s);
                    k.upsample2d_grad({2, 3, 4, c, 2, 3, bilinear, b[2], b[3], beta}, s);
                  },
                  kHalf) == "");
    }
}

TEST_CASE("batch_norm of bf16 is that of f32, rounded, with statistics in f32", "[cuda]") {
  struct Case {
    NormShape shape;
    bool relu = false, residual = false;
    double rate = 0, beta = 0;
  };
  for (const Case& each : {Case{{60, 1, 1, 12, false}}, Case{{3, 5, 4, 7, false}, true, false, 0.3},
                           Case{{3, 5, 4, 64, false}, true, true, 0, 0.5},
                           Case{{2, 6, 8, 16, true}, true, false, 0.25},
                           Case{{2, 5, 3, 3, true}, true, true, 0, 0.5}}) {
    const NormShape& s = each.shape;
    CAPTURE(s.n, s.h, s.w, s.c, s.pool, each.relu, each.residual);
    const Shape x({s.rows(), s.c}), y({s.outputs()}), c({s.c});
    Tensor scratch = unwritten({std::max(s.grad_scratch(), norm_scratch(s.rows(), s.c))});
    const bool plain = !each.relu && !s.pool && each.rate == 0;
    const auto call = [&](const KernelTable& k, void* const* b, StreamHandle stream) {
      auto* code = plain ? nullptr : static_cast<std::uint8_t*>(b[6]);
      k.batch_norm({.shape = s,
                    .x = b[0],
                    .mean = b[1],
                    .variance = b[2],
                    .gamma = b[3],
                    .beta_ = b[4],
                    .residual = each.residual ? b[7] : nullptr,
                    .epsilon = 1e-3,
                    .relu = each.relu,
                    .dropout = {each.rate, 12345, 7},
                    .y = b[5],
                    .code = code,
                    .statistics = {.of_x = true, .scratch = scratch.raw()}},
                   stream);
      k.batch_norm_grad({.shape = s,
                         .dy = b[8],
                         .x = b[0],
                         .y = s.pool && !each.residual ? b[5] : nullptr,
                         .mean = b[1],
                         .variance = b[2],
                         .gamma = b[3],
                         .beta_ = b[4],
                         .code = code,
                         .epsilon = 1e-3,
                         .rate = each.rate,
                         .through_statistics = true,
                         .dx = b[9],
                         .dresidual = each.residual ? b[10] : nullptr,
                         .dgamma = b[11],
                         .dbeta = b[12],
                         .dx_sum = nullptr,
                         .dx_beta = each.beta,
                         .dresidual_beta = each.beta,
                         .dgamma_beta = each.beta,
                         .dbeta_beta = each.beta,
                         .dx_sum_beta = 0,
                         .scratch = scratch.raw()},
                        stream);
    };
    REQUIRE(twin({half(x, 1, -1, 3), unwritten(c), unwritten(c), full(c, 2, 0.5, 1.5),
                  full(c, 3, -0.5, 0.5), half_result(y, 0), Tensor::zeros(y, {.dtype = DType::u8}),
                  half(x, 4), half(y, 5), half_result(x, each.beta), half_result(x, each.beta),
                  full_result(c, each.beta), full_result(c, each.beta)},
                 call, kHalf) == "");
  }
}

TEST_CASE("layer_norm of bf16 is that of f32, rounded, with statistics in f32", "[cuda]") {
  for (const std::int64_t c : {12, 7, 100})
    for (const double beta : {0.0, 0.5}) {
      const std::int64_t rows = 9;
      CAPTURE(c, beta);
      Tensor scratch = unwritten({norm_scratch(rows, c)});
      REQUIRE(
          twin(
              {half({rows, c}, 1, -1, 3), full({c}, 2, 0.5, 1.5), full({c}, 3),
               half_result({rows, c}, 0), unwritten({rows}), unwritten({rows}), half({rows, c}, 4),
               half_result({rows, c}, beta), full_result({c}, beta), full_result({c}, beta)},
              [&](const KernelTable& k, void* const* b, StreamHandle s) {
                k.layer_norm({rows, c, b[0], b[1], b[2], 1e-3, b[3], b[4], b[5]}, s);
                k.layer_norm_grad({rows, c, b[6], b[0], b[1], b[4], b[5], b[7], b[8], b[9], beta,
                                   beta, beta, scratch.raw()},
                                  s);
              },
              kHalf) == "");
    }
}

TEST_CASE("dropout of bf16 keeps what that of f32 keeps", "[cuda]") {
  for (const std::int64_t n : {5, 516})
    for (const double beta : {0.0, 0.5}) {
      CAPTURE(n, beta);
      REQUIRE(twin(
                  {half({n}, 1), half_result({n}, beta)},
                  [&](const KernelTable& k, void* const* b, StreamHandle s) {
                    k.dropout({n, b[0], b[1], 0.4, beta, 12345, 7}, s);
                  },
                  kHalf) == "");
    }
}

}  // namespace
}  // namespace mien
