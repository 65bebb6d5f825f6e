#include <cmath>

#include "kernels/cuda/api.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Weights, gradients and up to three slots (not negative, as squares are).
std::vector<Tensor> flat_buffers(std::int64_t n, int slots) {
  std::vector<Tensor> out{random_tensor({n}, 1, -1, 1, DType::f32),
                          random_tensor({n}, 2, -1, 1, DType::f32)};
  for (int i = 0; i < slots; ++i)
    out.push_back(random_tensor({n}, std::uint64_t(3 + i), 1, 2, DType::f32));
  return out;
}

float* at(void* array, std::int64_t offset) { return static_cast<float*>(array) + offset; }

// Runs update(kernels, arrays, n, stream) over whole buffers, and over all but the first element,
// where nothing is aligned.
template <class Update>
void check_update(int slots, const Update& update) {
  for (const std::int64_t n : {1, 3, 4, 9001}) {
    for (const std::int64_t skipped : {0, 1}) {
      CAPTURE(n, skipped);
      REQUIRE(twin(flat_buffers(n, slots),
                   [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                     std::vector<void*> arrays;
                     for (int i = 0; i < 2 + slots; ++i) arrays.push_back(at(b[i], skipped));
                     update(k, arrays, n - skipped, stream);
                   }) == "");
    }
  }
}

TEST_CASE("adam is that of the CPU", "[cuda]") {
  check_update(2, [](const KernelTable& k, auto& b, std::int64_t n, StreamHandle stream) {
    k.adam({.n = n,
            .w = b[0],
            .m = b[2],
            .v = b[3],
            .g = b[1],
            .g_scale = 0.5,
            .alpha = 1e-2,
            .beta1 = 0.9,
            .beta2 = 0.999,
            .epsilon = 1e-7,
            .decay = 1e-3},
           stream);
  });
}

TEST_CASE("sgd is that of the CPU, with momentum and without", "[cuda]") {
  for (const int kind : {0, 1, 2}) {
    CAPTURE(kind);
    check_update(1, [&](const KernelTable& k, auto& b, std::int64_t n, StreamHandle stream) {
      k.sgd({.n = n,
             .w = b[0],
             .velocity = kind > 0 ? b[2] : nullptr,
             .g = b[1],
             .g_scale = 0.5,
             .lr = 0.1,
             .momentum = 0.9,
             .decay = 1e-3,
             .nesterov = kind == 2},
            stream);
    });
  }
}

TEST_CASE("rmsprop is that of the CPU, with each set of slots", "[cuda]") {
  for (const int kind : {0, 1, 2, 3}) {
    CAPTURE(kind);
    check_update(3, [&](const KernelTable& k, auto& b, std::int64_t n, StreamHandle stream) {
      k.rmsprop({.n = n,
                 .w = b[0],
                 .mean_square = b[2],
                 .mean_gradient = kind & 1 ? b[3] : nullptr,
                 .velocity = kind & 2 ? b[4] : nullptr,
                 .g = b[1],
                 .g_scale = 0.5,
                 .lr = 0.1,
                 // With these the centered mean square and epsilon stay above 0.
                 .rho = 0.1,
                 .momentum = 0.9,
                 .epsilon = 1,
                 .decay = 1e-3},
                stream);
    });
  }
}

TEST_CASE("adagrad is that of the CPU", "[cuda]") {
  check_update(1, [](const KernelTable& k, auto& b, std::int64_t n, StreamHandle stream) {
    k.adagrad({.n = n,
               .w = b[0],
               .sum = b[2],
               .g = b[1],
               .g_scale = 0.5,
               .lr = 0.1,
               .epsilon = 1e-7,
               .decay = 1e-3},
              stream);
  });
}

// The same step told by numbers in the arguments and by what lies in the device's memory.
TEST_CASE("optimizers read a rate, a decay and a scale on the device where they are told to",
          "[cuda]") {
  struct Step {
    double rate, decay, scale;
  };
  const Step wanted{0.25, 0.125, 0.5}, stale{4, 0.75, 1};
  const std::int64_t n = 37;
  const auto run_all = [n](const KernelTable& k, void* const* b, const Step& s,
                           const LiveRate* live, const float* scale, StreamHandle stream) {
    float* w = static_cast<float*>(b[0]);
    const auto slot = [&](int i) { return static_cast<float*>(b[2]) + i * n; };
    k.adam({.n = n,
            .w = w,
            .m = slot(0),
            .v = slot(1),
            .g = b[1],
            .g_scale = s.scale,
            .alpha = s.rate,
            .beta1 = 0.9,
            .beta2 = 0.999,
            .epsilon = 1e-7,
            .decay = s.decay,
            .live = live,
            .live_scale = scale},
           stream);
    k.sgd({.n = n,
           .w = w,
           .velocity = nullptr,
           .g = b[1],
           .g_scale = s.scale,
           .lr = s.rate,
           .momentum = 0,
           .decay = s.decay,
           .nesterov = false,
           .live = live,
           .live_scale = scale},
          stream);
    k.sgd({.n = n,
           .w = w,
           .velocity = slot(2),
           .g = b[1],
           .g_scale = s.scale,
           .lr = s.rate,
           .momentum = 0.9,
           .decay = s.decay,
           .nesterov = true,
           .live = live,
           .live_scale = scale},
          stream);
    k.rmsprop({.n = n,
               .w = w,
               .mean_square = slot(3),
               .mean_gradient = nullptr,
               .velocity = nullptr,
               .g = b[1],
               .g_scale = s.scale,
               .lr = s.rate,
               .rho = 0.9,
               .momentum = 0,
               .epsilon = 1e-7,
               .decay = s.decay,
               .live = live,
               .live_scale = scale},
              stream);
    k.adagrad({.n = n,
               .w = w,
               .sum = slot(4),
               .g = b[1],
               .g_scale = s.scale,
               .lr = s.rate,
               .epsilon = 1e-7,
               .decay = s.decay,
               .live = live,
               .live_scale = scale},
              stream);
  };
  const Tensor numbers = Tensor::from({wanted.rate, 1 - wanted.decay, wanted.scale}, {3});
  REQUIRE(twin({random_tensor({n}, 1, -1, 1, DType::f32), random_tensor({n}, 2, -1, 1, DType::f32),
                random_tensor({5, n}, 3, 1, 2, DType::f32), numbers},
               [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                 const bool on_device = &k == &cuda_kernels(DType::f32);
                 const auto* live = static_cast<const LiveRate*>(b[3]);
                 const auto* scale = static_cast<const float*>(b[3]) + 2;
                 run_all(k, b, on_device ? stale : wanted, on_device ? live : nullptr,
                         on_device ? scale : nullptr, stream);
               }) == "");
}

}  // namespace
}  // namespace mien
