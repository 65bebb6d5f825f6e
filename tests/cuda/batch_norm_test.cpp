// batch_norm and its gradient on the device.
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

Tensor random_f32(const Shape& shape, std::uint64_t seed, double low, double high) {
  return random_tensor(shape, seed, low, high, DType::f32);
}

// Which of the gradient's outputs lie where.
enum class InPlace { none, dx_is_x, dx_is_dy, dresidual_is_dy };

struct Case {
  NormShape shape;
  bool relu = false, residual = false;
  double rate = 0;
  bool through = true;  // the statistics are the batch's
  bool gamma = true, beta = true;
  double gradient_beta = 0;  // of dx, dresidual, dgamma, dbeta
  InPlace in_place = InPlace::none;
  double gamma_from = 0.5, gamma_width = 0.1;
  bool aligned = true;  // whether four floats of a row can be read at once
};

std::string describe(const Case& each) {
  const NormShape& s = each.shape;
  return Shape({s.n, s.h, s.w, s.c}).str() + (s.pool ? " pool" : "") + (each.relu ? " relu" : "") +
         (each.residual ? " residual" : "") + " dropout " + std::to_string(each.rate) +
         (each.through ? " through" : " given") + " beta " + std::to_string(each.gradient_beta) +
         " in place " + std::to_string(int(each.in_place)) + " gamma " +
         std::to_string(each.gamma_from) + (each.aligned ? "" : " unaligned");
}

constexpr NormShape image(std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c) {
  return {n, h, w, c, false};
}
constexpr NormShape pooled(std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c) {
  return {n, h, w, c, true};
}

// The buffers of a case, by their places in the call's array.
enum Buffer {
  kX,
  kResidual,
  kMean,
  kVariance,
  kGamma,
  kBeta,
  kY,
  kCode,
  kDy,
  kDx,
  kDresidual,
  kDgamma,
  kDbeta
};

std::vector<Tensor> buffers_of(const Case& each) {
  const NormShape& s = each.shape;
  // One float more in front where nothing may lie at a multiple of 16 bytes.
  const std::int64_t more = each.aligned ? 0 : 1;
  const Shape x({s.rows() * s.c + more}), y({s.outputs() + more}), c({s.c});
  const auto old = [&](const Shape& shape, std::uint64_t seed) {
    return each.gradient_beta == 0 && each.aligned ? unwritten(shape)
                                                   : random_f32(shape, seed, -1, 1);
  };
  return {random_f32(x, 1, -1, 1),
          random_f32(x, 2, -1, 1),
          random_f32(c, 3, -0.5, 0.5),
          random_f32(c, 4, 0.2, 1),
          random_f32(c, 5, each.gamma_from, each.gamma_from + each.gamma_width),
          random_f32(c, 6, -0.5, 0.5),
          old(y, 7),
          Tensor::zeros(y, {.dtype = DType::u8}),
          random_f32(y, 8, -1, 1),
          old(x, 9),
          old(x, 10),
          old(c, 11),
          old(c, 12)};
}

// The forward pass, and the gradient.
void run_case(const Case& each, const KernelTable& k, void* const* b, StreamHandle stream) {
  const NormShape& s = each.shape;
  const auto at = [&](Buffer which) -> void* {
    const bool image_like = which < kMean || (which > kBeta && which < kDgamma);
    if (each.aligned || !image_like) return b[which];
    return static_cast<std::byte*>(b[which]) + (which == kCode ? 1 : 4);
  };
  // Of the CPU alone.
  Tensor scratch = unwritten({std::max(s.grad_scratch(), norm_scratch(s.rows(), s.c))});
  const void* gamma = each.gamma ? at(kGamma) : nullptr;
  const void* beta = each.beta ? at(kBeta) : nullptr;
  const bool plain = !each.relu && !s.pool && each.rate == 0;
  auto* code = plain ? nullptr : static_cast<std::uint8_t*>(at(kCode));
  k.batch_norm({.shape = s,
                .x = at(kX),
                .mean = at(kMean),
                .variance = at(kVariance),
                .gamma = gamma,
                .beta_ = beta,
                .residual = each.residual ? at(kResidual) : nullptr,
                .epsilon = 1e-3,
                .relu = each.relu,
                .dropout = {each.rate, 12345678901234, 77},
                .y = at(kY),
                .code = code,
                .statistics = {.of_x = each.through, .scratch = scratch.raw()}},
               stream);
  const bool to_dy = each.in_place == InPlace::dx_is_dy;
  k.batch_norm_grad({.shape = s,
                     .dy = at(kDy),
                     .x = at(kX),
                     .y = s.pool && !each.residual ? at(kY) : nullptr,
                     .mean = at(kMean),
                     .variance = at(kVariance),
                     .gamma = gamma,
                     .beta_ = beta,
                     .code = code,
                     .epsilon = 1e-3,
                     .rate = each.rate,
                     .through_statistics = each.through,
                     .dx = at(to_dy                               ? kDy
                              : each.in_place == InPlace::dx_is_x ? kX
                                                                  : kDx),
                     .dresidual = !each.residual                              ? nullptr
                                  : each.in_place == InPlace::dresidual_is_dy ? at(kDy)
                                                                              : at(kDresidual),
                     .dgamma = each.gamma ? at(kDgamma) : nullptr,
                     .dbeta = each.beta ? at(kDbeta) : nullptr,
                     .dx_sum = nullptr,
                     .dx_beta = each.gradient_beta,
                     .dresidual_beta = each.gradient_beta,
                     .dgamma_beta = each.gradient_beta,
                     .dbeta_beta = each.gradient_beta,
                     .dx_sum_beta = 0,
                     .scratch = scratch.raw()},
                    stream);
}

void require_twins(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    CAPTURE(describe(each));
    REQUIRE(twin(buffers_of(each), [&](const KernelTable& k, void* const* b, StreamHandle stream) {
              run_case(each, k, b, stream);
            }) == "");
  }
}

TEST_CASE("batch_norm and its gradient are those of the CPU", "[cuda]") {
  std::vector<Case> cases;
  for (const NormShape& shape : {image(3, 5, 4, 64), image(4, 1, 1, 1), image(2, 3, 3, 3),
                                 image(70, 1, 1, 7), image(5, 1, 2, 76), image(2, 9, 11, 1),
                                 image(5, 1, 2, 256), image(6, 1, 1, 132), image(7, 1, 1, 37)}) {
    cases.push_back({.shape = shape});
    cases.push_back({.shape = shape, .relu = true});
    cases.push_back({.shape = shape, .relu = true, .residual = true});
    cases.push_back({.shape = shape, .rate = 0.3});
    cases.push_back({.shape = shape, .relu = true, .rate = 0.5, .through = false});
  }
  require_twins(cases);
}

TEST_CASE("batch_norm with pooling and its gradient are those of the CPU", "[cuda]") {
  std::vector<Case> cases;
  for (const NormShape& shape :
       {pooled(3, 6, 8, 64), pooled(2, 7, 5, 20), pooled(1, 2, 2, 1), pooled(2, 3, 2, 3),
        pooled(3, 5, 7, 7), pooled(1, 4, 3, 76), pooled(1, 3, 4, 132), pooled(1, 4, 2, 37)}) {
    cases.push_back({.shape = shape});
    cases.push_back({.shape = shape, .relu = true});
    cases.push_back({.shape = shape, .relu = true, .rate = 0.25});
    cases.push_back({.shape = shape, .relu = true, .residual = true, .rate = 0.4});
    cases.push_back({.shape = shape, .relu = true, .rate = 0.25, .through = false});
  }
  require_twins(cases);
}

// Above: one launch each way. Here rows are so many that blocks of them leave sums to be merged.
TEST_CASE("batch_norm of many rows and its gradient are those of the CPU", "[cuda]") {
  for (const std::int64_t c : {64, 12, 7, 35}) {  // two blocks side by side have lanes for 36
    const NormShape shape = image(5, 9, 8 + 48 / c, c), halved = pooled(5, 9, 8 + 60 / c, c);
    require_twins(
        {{.shape = shape, .relu = true, .residual = true, .gradient_beta = 0.5},
         {.shape = shape, .in_place = InPlace::dx_is_dy},
         {.shape = shape, .relu = true, .through = false, .gamma = false},
         {.shape = halved, .relu = true, .rate = 0.25},
         {.shape = halved, .relu = true, .residual = true, .gradient_beta = 0.5},
         {.shape = halved, .in_place = InPlace::dx_is_x, .gamma_from = 0, .gamma_width = 1e-3}});
  }
}

TEST_CASE("batch_norm on a device does without gamma and beta, adds to gradients, writes in place",
          "[cuda]") {
  std::vector<Case> cases;
  for (const NormShape& shape :
       {image(2, 3, 3, 8), image(3, 2, 3, 5), pooled(2, 5, 5, 8), pooled(2, 3, 5, 5)}) {
    const auto both = [&](Case each) {
      each.shape = shape;
      each.relu = true;
      cases.push_back(each);
      each.aligned = false;
      cases.push_back(each);
    };
    both({.shape = shape, .gamma = false});
    both({.shape = shape, .beta = false});
    both({.shape = shape, .gamma = false, .beta = false});
    both({.shape = shape, .residual = true, .gradient_beta = 1});
    both({.shape = shape, .through = false, .gradient_beta = 0.5});
    both({.shape = shape, .in_place = InPlace::dx_is_x});
    if (shape.pool) {
      // Too small to find x from y.
      both({.shape = shape, .gamma_from = 0, .gamma_width = 1e-3});
    } else {
      both({.shape = shape, .in_place = InPlace::dx_is_dy});
      both({.shape = shape, .residual = true, .in_place = InPlace::dresidual_is_dy});
    }
  }
  require_twins(cases);
}

TEST_CASE("batch_norm_grad on a device gives sums over no rows", "[cuda]") {
  Case each{.shape = pooled(0, 4, 4, 8), .relu = true, .gradient_beta = 0.5};
  require_twins({each});
  each.shape = image(0, 1, 1, 3);
  each.gradient_beta = 0;
  require_twins({each});
}

TEST_CASE("batch_norm on a device lets a NaN through its pooling", "[cuda]") {
  const NormShape s = pooled(1, 2, 4, 4);
  std::vector<double> x(32, 0.5);
  x[4] = x[17] = NAN;
  const Tensor mean = Tensor::zeros({4}), variance = Tensor::full({4}, 1.0);
  for (const bool relu : {false, true})
    REQUIRE(twin({Tensor::from(x, {32}), mean, variance, unwritten({8}),
                  Tensor::zeros({8}, {.dtype = DType::u8})},
                 [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                   k.batch_norm({.shape = s,
                                 .x = b[0],
                                 .mean = b[1],
                                 .variance = b[2],
                                 .gamma = nullptr,
                                 .beta_ = nullptr,
                                 .residual = nullptr,
                                 .epsilon = 0,
                                 .relu = relu,
                                 .dropout = {},
                                 .y = b[3],
                                 .code = static_cast<std::uint8_t*>(b[4])},
                                stream);
                 }) == "");
}

TEST_CASE("batch_norm on a device takes a shift of its dropout's stream from memory", "[cuda]") {
  const Tensor shift = Tensor::from({5, 0}, {2}, {.dtype = DType::i32});  // 64 bits, the low first
  for (const std::int64_t c : {8, 3}) {
    const NormShape s = image(9, 1, 1, c);
    const Tensor mean = Tensor::zeros({c}), variance = Tensor::full({c}, 1.0);
    REQUIRE(twin({random_f32({9, c}, 1, -1, 1), mean, variance, unwritten({9, c}), shift},
                 [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                   const bool on_device = stream != nullptr;
                   NormDropout dropout{0.5, 3, 40};
                   if (on_device) {
                     dropout.stream_shift = static_cast<const std::uint64_t*>(b[4]);
                   } else {
                     dropout.stream += 5;
                   }
                   k.batch_norm({.shape = s,
                                 .x = b[0],
                                 .mean = b[1],
                                 .variance = b[2],
                                 .gamma = nullptr,
                                 .beta_ = nullptr,
                                 .residual = nullptr,
                                 .epsilon = 0,
                                 .relu = false,
                                 .dropout = dropout,
                                 .y = b[3],
                                 .code = nullptr},
                                stream);
                 }) == "");
  }
}

TEST_CASE("batch_norm_grad on a device sums dx as the CPU does, also into another's gradient",
          "[cuda]") {
  struct Sum {
    bool through;
    double beta;
    bool into_dbeta;
  };
  for (const NormShape& s : {pooled(2, 3, 5, 12), pooled(5, 9, 14, 12), image(40, 1, 1, 7)})
    // Through the batch's statistics the sum is zero but for rounding, and is compared beside 1.
    for (const Sum& each : {Sum{false, 0, false}, Sum{false, 0.5, false}, Sum{false, 1, true},
                            Sum{true, 0, false}, Sum{true, 1, false}, Sum{true, 1, true}}) {
      CAPTURE(s.rows(), each.through, each.beta, each.into_dbeta);
      const Case forward{.shape = s, .relu = true, .through = each.through};
      std::vector<Tensor> buffers = buffers_of(forward);
      buffers.push_back(each.beta == 0 ? unwritten({s.c}) : random_f32({s.c}, 20, 1, 2));
      buffers.push_back(Tensor::full({s.c}, 1.0));
      const auto call = [&](const KernelTable& k, void* const* b, StreamHandle stream) {
        Tensor scratch = unwritten({s.grad_scratch()});
        void* sum = b[each.into_dbeta ? kDbeta : kDbeta + 1];
        run_case(forward, k, b, stream);
        k.batch_norm_grad({.shape = s,
                           .dy = b[kDy],
                           .x = b[kX],
                           .y = s.pool ? b[kY] : nullptr,
                           .mean = b[kMean],
                           .variance = b[kVariance],
                           .gamma = b[kGamma],
                           .beta_ = b[kBeta],
                           .code = static_cast<std::uint8_t*>(b[kCode]),
                           .epsilon = 1e-3,
                           .rate = 0,
                           .through_statistics = each.through,
                           .dx = b[kDx],
                           .dresidual = nullptr,
                           .dgamma = b[kDgamma],
                           .dbeta = b[kDbeta],
                           .dx_sum = sum,
                           .dx_beta = 0,
                           .dresidual_beta = 0,
                           .dgamma_beta = 0,
                           .dbeta_beta = 0,
                           .dx_sum_beta = each.beta,
                           .scratch = scratch.raw()},
                          stream);
        if (each.into_dbeta) return;
        k.axpy({.n = s.c, .alpha = 1, .x = sum, .y = b[kDbeta + 2], .beta = 1}, stream);
        if (each.through && each.beta == 0) k.fill({.n = s.c, .y = sum, .value = 0}, stream);
      };
      REQUIRE(twin(buffers, call) == "");
    }
}

}  // namespace
}  // namespace mien
