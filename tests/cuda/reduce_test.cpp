#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cuda/fold_plan.h"
#include "kernels/cuda/rt.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Case {
  std::vector<std::int64_t> dims;
  std::vector<bool> reduced;
};
const Case kCases[] = {
    {{1}, {true}},
    {{5}, {false}},
    {{70001}, {true}},            // one long row, not of whole packs
    {{3, 20000}, {false, true}},  // few long rows
    {{7, 1000}, {false, true}},
    {{6, 37}, {false, true}},
    {{50, 8}, {false, true}},
    {{300, 3}, {false, true}},
    {{9, 1}, {false, true}},
    {{3000, 64}, {true, false}},  // columns of packs, in chunks
    {{2, 12, 12, 76}, {true, true, true, false}},
    {{5000, 7}, {true, false}},  // few columns
    {{3, 1030}, {true, false}},
    {{4, 49, 128}, {false, true, false}},
    {{2, 5, 3}, {false, true, false}},
    {{3, 4, 5, 6}, {true, false, true, false}},  // mixed
    {{3, 4, 5, 8}, {false, true, false, true}},
    {{2, 3, 4, 3, 2, 5}, {true, false, true, false, true, false}},
    {{400, 3, 40}, {true, false, true}},
    {{6, 1, 5}, {true, true, true}},
    {{0, 4}, {true, false}},  // no terms
    {{4, 0}, {true, false}},  // no outputs
};

ReduceArgs args_of(const Case& c, ReduceOp op, double alpha, double beta) {
  ReduceArgs a{};
  a.op = op;
  a.rank = int(c.dims.size());
  a.alpha = alpha;
  a.beta = beta;
  std::copy(c.dims.begin(), c.dims.end(), a.dims);
  std::copy(c.reduced.begin(), c.reduced.end(), a.reduced);
  return a;
}
std::int64_t outputs_of(const Case& c) {
  std::int64_t out = 1;
  for (std::size_t i = 0; i < c.dims.size(); ++i) out *= c.reduced[i] ? 1 : c.dims[i];
  return out;
}
std::int64_t numel_of(const Case& c) {
  std::int64_t out = 1;
  for (const std::int64_t each : c.dims) out *= each;
  return out;
}

TEST_CASE("reductions over all mixes of axes are those of the CPU", "[cuda]") {
  for (const Case& c : kCases)
    for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max, ReduceOp::min}) {
      CAPTURE(c.dims, c.reduced, int(op));
      const Tensor x = random_tensor({numel_of(c)}, 1, -1, 1, DType::f32);
      REQUIRE(twin({x, unwritten({outputs_of(c)})},
                   [&](const KernelTable& k, void* const* b, StreamHandle s) {
                     ReduceArgs a = args_of(c, op, op == ReduceOp::sum ? 0.25 : 1, 0);
                     a.x = b[0];
                     a.y = b[1];
                     k.reduce(a, s);
                   }) == "");
    }
}

TEST_CASE("a sum is added to what is there, from data that is not aligned too", "[cuda]") {
  for (const Case& c : {kCases[3], kCases[9], kCases[13]})
    for (const int start : {0, 1}) {
      CAPTURE(c.dims, start);
      const Tensor x = random_tensor({numel_of(c) + start}, 1, -1, 1, DType::f32);
      const Tensor y = random_tensor({outputs_of(c)}, 2, -1, 1, DType::f32);
      REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
                ReduceArgs a = args_of(c, ReduceOp::sum, 2, 0.5);
                a.x = static_cast<float*>(b[0]) + start;
                a.y = b[1];
                k.reduce(a, s);
              }) == "");
    }
}

TEST_CASE("a sum keeps the digits of small terms among large ones that cancel", "[cuda]") {
  std::vector<double> terms;
  for (int i = 0; i < 20000; ++i) terms.push_back(i % 2 == 0 ? 16384.5 + i : -16384.25 - (i - 1));
  const Tensor x = Tensor::from(terms, {20000});
  for (const Case& c :
       {Case{{20000}, {true}}, Case{{10000, 2}, {true, false}}, Case{{1, 20000}, {false, true}}})
    REQUIRE(twin({x, unwritten({outputs_of(c)})},
                 [&](const KernelTable& k, void* const* b, StreamHandle s) {
                   ReduceArgs a = args_of(c, ReduceOp::sum, 1, 0);
                   a.x = b[0];
                   a.y = b[1];
                   k.reduce(a, s);
                 }) == "");
}

TEST_CASE("infinities and NaN come through reductions as on the CPU", "[cuda]") {
  const double inf = INFINITY;
  const Tensor x = Tensor::from({1,   2, NAN,  3,   1,   inf,  2, 3, -inf, 1,    2,    3,
                                 NAN, 1, -inf, NAN, inf, -inf, 1, 2, -inf, -inf, -inf, -inf},
                                {6, 4});
  for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max, ReduceOp::min})
    for (const bool rows : {false, true}) {
      CAPTURE(int(op), rows);
      const std::int64_t n = rows ? 6 : 4;
      REQUIRE(twin({x, unwritten({n}), Tensor::zeros({n}, {.dtype = DType::u8})},
                   [&](const KernelTable& k, void* const* b, StreamHandle s) {
                     ReduceArgs a = args_of({{6, 4}, {!rows, rows}}, op, 1, 0);
                     a.x = b[0];
                     a.y = b[1];
                     k.reduce(a, s);
                     // NaN is noted and replaced, as it may have other bits.
                     auto* const number = static_cast<std::uint8_t*>(b[2]);
                     k.compare({CompareOp::equal, {1, {n}, {1}, {1}}, b[1], b[1], number}, s);
                     k.where({n, number, b[1], nullptr, b[1], 0}, s);
                   }) == "");
    }
}

TEST_CASE("argmax is that of the CPU: the first of the largest, and a NaN is the largest",
          "[cuda]") {
  struct Sizes {
    std::int64_t outer, axis, inner;
  };
  for (const Sizes z : {Sizes{1, 1, 1}, Sizes{16, 7, 1}, Sizes{3, 1000, 1}, Sizes{2, 20000, 1},
                        Sizes{2, 6000, 3}, Sizes{3, 40, 64}, Sizes{0, 4, 4}}) {
    CAPTURE(z.outer, z.axis, z.inner);
    const std::int64_t n = z.outer * z.axis * z.inner;
    // Whole numbers, so that the largest is there more than once.
    const Tensor x = random_tensor({n}, 1, -5, 5, DType::i32).to(DType::f32);
    const Tensor y = Tensor::full({z.outer * z.inner}, -1, {.dtype = DType::i32});
    REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
              k.argmax({z.outer, z.axis, z.inner, b[0], static_cast<std::int32_t*>(b[1])}, s);
            }) == "");
  }
  const double inf = INFINITY;
  const Tensor x = Tensor::from({1, NAN, 2, NAN, inf, inf, 1, 2, -inf, -inf, -inf, -inf}, {3, 4});
  for (const bool rows : {false, true}) {
    const Tensor y = Tensor::full({4}, -1, {.dtype = DType::i32});
    REQUIRE(twin({x, y}, [&](const KernelTable& k, void* const* b, StreamHandle s) {
              auto* const to = static_cast<std::int32_t*>(b[1]);
              if (rows) k.argmax({3, 4, 1, b[0], to}, s);
              if (!rows) k.argmax({1, 3, 4, b[0], to}, s);
            }) == "");
  }
}

TEST_CASE("the sum of squares is that of the CPU", "[cuda]") {
  for (const std::int64_t n : {0, 1, 3, 1000, 70001}) {
    CAPTURE(n);
    const Tensor x = random_tensor({n}, 1, -1, 1, DType::f32);
    const Tensor y = Tensor::full({1}, NAN, {.dtype = DType::f64});
    REQUIRE(twin({x, y},
                 [&](const KernelTable& k, void* const* b, StreamHandle s) {
                   k.square_sum({n, b[0], static_cast<double*>(b[1])}, s);
                 },
                 {.tolerance = 1e-7}) == "");
  }
}

TEST_CASE("the plan of a reduction covers outputs and terms once, in whole powers of two") {
  for (const std::int64_t outputs : {1, 2, 7, 31, 64, 257, 100000})
    for (const std::int64_t terms : {0, 1, 2, 7, 31, 64, 500, 5000, 10000000})
      for (const int sms : {1, 108, 132})
        for (const bool columns : {false, true}) {
          CAPTURE(outputs, terms, sms, columns);
          const cuda::FoldPlan plan = columns ? cuda::plan_columns(outputs, terms, sms)
                                              : cuda::plan_rows(outputs, terms, sms);
          REQUIRE((plan.outputs & (plan.outputs - 1)) == 0);
          REQUIRE((plan.lanes & (plan.lanes - 1)) == 0);
          REQUIRE(plan.threads() <= cuda::kFoldThreads);
          REQUIRE(std::int64_t(plan.blocks) * plan.outputs >= outputs);
          REQUIRE(std::int64_t(plan.blocks - 1) * plan.outputs < outputs);
          REQUIRE(plan.length * plan.chunks >= terms);
          REQUIRE((plan.chunks == 1 || plan.length * (plan.chunks - 1) < terms));
          if (!columns && plan.lanes > 32) REQUIRE(plan.lanes == cuda::kFoldThreads);
        }
}

}  // namespace
}  // namespace mien
