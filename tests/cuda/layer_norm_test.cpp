#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

struct Size {
  std::int64_t rows, c;
};
constexpr Size kSizes[] = {{1, 1},  {1, 3},    {37, 7},  {3, 64}, {66, 128},
                           {9, 76}, {2, 1500}, {300, 4}, {0, 4},  {3, 1025}};

TEST_CASE("layer_norm is that of the CPU, also far from 0", "[cuda]") {
  for (const auto [rows, c] : kSizes) {
    for (const bool scaled : {false, true}) {
      const double far = scaled ? 300 : 0;
      CAPTURE(rows, c, far, scaled);
      const Shape shape{rows, c};
      REQUIRE(
          twin({random_tensor(shape, 1, far - 1, far + 1, DType::f32),
                random_tensor({c}, 2, 0.5, 2, DType::f32), random_tensor({c}, 3, -1, 1, DType::f32),
                unwritten(shape), unwritten({rows}), unwritten({rows})},
               [&, rows = rows, c = c](const KernelTable& k, void* const* b, StreamHandle stream) {
                 k.layer_norm({rows, c, b[0], scaled ? b[1] : nullptr, scaled ? b[2] : nullptr,
                               1e-3, b[3], b[4], b[5]},
                              stream);
               }) == "");
    }
  }
}

// Buffers of the gradient's test, in this order.
enum Buffer { kX, kGamma, kDy, kY, kMean, kRstd, kDx, kDgamma, kDbeta };

TEST_CASE("the gradient of layer_norm is that of the CPU", "[cuda]") {
  struct Wanted {
    bool dx, dgamma, dbeta, scaled, in_place;
    double beta;
  };
  constexpr Wanted kWanted[] = {{true, true, true, true, false, 0},
                                {true, true, true, true, false, 0.5},
                                {true, true, true, false, true, 0},
                                {false, false, true, true, false, 0.5},
                                {false, true, false, false, false, 0}};
  for (const auto [rows, c] : kSizes) {
    for (const Wanted& wanted : kWanted) {
      const double beta = wanted.beta;
      CAPTURE(rows, c, wanted.dx, wanted.dgamma, wanted.dbeta, wanted.scaled, beta);
      const Shape shape{rows, c};
      const auto old = [&](const Shape& of, std::uint64_t seed) {
        return beta == 0 ? unwritten(of) : random_tensor(of, seed, -1, 1, DType::f32);
      };
      const std::vector<Tensor> buffers{random_tensor(shape, 1, -1, 1, DType::f32),
                                        random_tensor({c}, 2, 0.5, 2, DType::f32),
                                        random_tensor(shape, 3, -1, 1, DType::f32),
                                        unwritten(shape),
                                        unwritten({rows}),
                                        unwritten({rows}),
                                        wanted.dx ? old(shape, 4) : Tensor::zeros(shape),
                                        wanted.dgamma ? old({c}, 5) : Tensor::zeros({c}),
                                        wanted.dbeta ? old({c}, 6) : Tensor::zeros({c})};
      const auto call = [&, rows = rows, c = c](const KernelTable& k, void* const* b,
                                                StreamHandle stream) {
        const Tensor scratch = Tensor::zeros({norm_scratch(rows, c)});  // the CPU's
        const void* gamma = wanted.scaled ? b[kGamma] : nullptr;
        k.layer_norm({rows, c, b[kX], gamma, nullptr, 1e-3, b[kY], b[kMean], b[kRstd]}, stream);
        k.layer_norm_grad({.rows = rows,
                           .c = c,
                           .dy = b[kDy],
                           .x = b[kX],
                           .gamma = gamma,
                           .mean = b[kMean],
                           .rstd = b[kRstd],
                           .dx = wanted.dx ? b[wanted.in_place ? kDy : kDx] : nullptr,
                           .dgamma = wanted.dgamma ? b[kDgamma] : nullptr,
                           .dbeta = wanted.dbeta ? b[kDbeta] : nullptr,
                           .dx_beta = beta,
                           .dgamma_beta = beta,
                           .dbeta_beta = beta,
                           .scratch = scratch.raw()},
                          stream);
      };
      REQUIRE(twin(buffers, call) == "");
    }
  }
}

}  // namespace
}  // namespace mien
