// The moments that batch_norm finds on the device.
#include <vector>

#include "lib/core/moments_note.h"
#include "mien/ops/batch_norm.h"
#include "mien/ops/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/values.h"

namespace mien {
namespace {

Tensor random_f32(const Shape& shape, std::uint64_t seed, double low, double high) {
  return random_tensor(shape, seed, low, high, DType::f32);
}

TEST_CASE("batch_norm on a device finds the CPU's moments, also where the mean is large",
          "[cuda]") {
  struct Case {
    std::int64_t rows, c;
  };
  for (const auto& [rows, c] :
       {Case{1, 1}, Case{1, 64}, Case{3, 4}, Case{300, 64}, Case{7, 3}, Case{5000, 1},
        Case{129, 76}, Case{40, 7}, Case{33, 512}, Case{1300, 12}, Case{0, 5}, Case{2049, 1},
        Case{5, 132}, Case{6, 37}}) {
    for (const double mean : {0.0, 100.0}) {
      CAPTURE(rows, c, mean);
      const Tensor x = random_f32({rows, c}, 1, mean - 1, mean + 1);
      const Tensor scratch = unwritten({norm_scratch(rows, c)});  // of the CPU alone
      REQUIRE(twin({x, unwritten({c}), unwritten({c}), unwritten({rows, c})},
                   [&, rows = rows, c = c](const KernelTable& k, void* const* b, StreamHandle s) {
                     k.batch_norm({.shape = {rows, 1, 1, c, false},
                                   .x = b[0],
                                   .mean = b[1],
                                   .variance = b[2],
                                   .gamma = nullptr,
                                   .beta_ = nullptr,
                                   .residual = nullptr,
                                   .epsilon = 1e-3,
                                   .relu = false,
                                   .dropout = {},
                                   .y = b[3],
                                   .code = nullptr,
                                   .statistics = {.of_x = true, .scratch = Tensor(scratch).raw()}},
                                  s);
                     // Where the mean is large it has few digits.
                     k.fill({.n = rows * c, .y = b[3], .value = 0}, s);
                   }) == "");
    }
  }
}

// As a convolution leaves them: [tiles][2][c] means and squared distances, [tiles] numbers of rows.
Tensor moments_by_tiles(const Tensor& x, const std::vector<std::int64_t>& rows) {
  const std::int64_t c = x.shape()[1], tiles = std::int64_t(rows.size());
  const std::vector<double> values_of_x = values(x);
  std::vector<double> out(std::size_t(tiles * (2 * c + 1)));
  std::int64_t first = 0;
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    const std::int64_t n = rows[std::size_t(tile)];
    for (std::int64_t k = 0; k < c; ++k) {
      double& mean = out[std::size_t(tile * 2 * c + k)];
      double& squares = out[std::size_t((tile * 2 + 1) * c + k)];
      const auto at = [&](std::int64_t row) { return values_of_x[std::size_t(row * c + k)]; };
      for (std::int64_t row = first; row < first + n; ++row) mean += at(row) / double(n);
      for (std::int64_t row = first; row < first + n; ++row)
        squares += (at(row) - mean) * (at(row) - mean);
    }
    out[std::size_t(tiles * 2 * c + tile)] = double(n);
    first += n;
  }
  return Tensor::from(out, {std::int64_t(out.size())});
}

TEST_CASE("batch_norm on a device takes moments by tiles in place of x's own", "[cuda]") {
  // One tile, some, some without rows, more than a thread reads at once.
  std::vector<std::vector<std::int64_t>> splits{{70}, {33, 0, 36, 1}};
  splits.push_back(std::vector<std::int64_t>(600, 0));
  for (std::size_t row = 0; row < 70; ++row) splits.back()[row * 599 / 69] += 1;
  for (const std::vector<std::int64_t>& rows : splits)
    for (const std::int64_t c : {64, 3}) {
      CAPTURE(rows.size(), c);
      const Tensor x = random_f32({70, c}, 1, 2, 4), tiles = moments_by_tiles(x, rows);
      Tensor scratch = unwritten({norm_scratch(70, c)});
      const auto moving = [&](int seed) { return random_f32({c}, std::uint64_t(seed), 0, 1); };
      REQUIRE(
          twin({x, unwritten({c}), unwritten({c}), unwritten({70, c}), tiles, moving(2), moving(3)},
               [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                 const bool on_device = stream != nullptr;
                 NormStatistics statistics{.of_x = true, .scratch = scratch.raw()};
                 if (on_device) {
                   statistics.moving_mean = b[5];
                   statistics.moving_variance = b[6];
                   statistics.momentum = 0.75;
                   statistics.tiles = static_cast<const float*>(b[4]);
                   statistics.tile_count = int(rows.size());
                 }
                 k.batch_norm({.shape = {70, 1, 1, c, false},
                               .x = b[0],
                               .mean = b[1],
                               .variance = b[2],
                               .gamma = nullptr,
                               .beta_ = nullptr,
                               .residual = nullptr,
                               .epsilon = 1e-3,
                               .relu = true,
                               .dropout = {},
                               .y = b[3],
                               .code = nullptr,
                               .statistics = statistics},
                              stream);
                 if (on_device) return;
                 k.axpy({.n = c, .alpha = 0.25, .x = b[1], .y = b[5], .beta = 0.75}, stream);
                 k.axpy({.n = c, .alpha = 0.25, .x = b[2], .y = b[6], .beta = 0.75}, stream);
               }) == "");
    }
}

TEST_CASE("a convolution hands its result's moments to the batch_norm that follows", "[cuda]") {
  const Device cuda = cuda_or_skip();
  struct Case {
    int images, size, channels, filters, kernel;
  };
  for (const Case& each : {Case{3, 12, 1, 8, 3}, Case{3, 8, 4, 64, 3}, Case{2, 5, 3, 7, 1},
                           Case{2, 9, 8, 132, 3}, Case{1, 3, 64, 64, 3}}) {
    CAPTURE(each.size, each.channels, each.filters);
    const Tensor x = random_f32({each.images, each.size, each.size, each.channels}, 1, 0, 1);
    const Tensor weight =
        random_f32({each.kernel, each.kernel, each.channels, each.filters}, 2, -1, 1);
    const Tensor bias = random_f32({each.filters}, 3, 4, 5), none;
    const auto normed = [&](Device device, bool moments) {
      const Tensor y =
          conv2d(x.to(device), weight.to(device), bias.to(device), {.moments = moments});
      return batch_norm(y, none, none, {.relu = true});
    };
    const BatchNormResult host = normed(kCpu, true), without = normed(cuda, false);
    const BatchNormResult with = normed(cuda, true);
    for (const BatchNormResult& got : {without, with}) {
      CHECK(relative_error(got.mean.to(kCpu), host.mean) < 1e-5);
      CHECK(relative_error(got.variance.to(kCpu), host.variance) < 1e-5);
      CHECK(relative_error(got.y.to(kCpu), host.y) < 1e-4);
    }
  }
}

TEST_CASE("moments of what was modified since are not used", "[cuda]") {
  Tensor x = Tensor::ones({4, 3});
  note_moments(x, Tensor::zeros({7}));
  CHECK(noted_moments(x).defined());
  CHECK_FALSE(noted_moments(x.view({2, 2, 3})).defined());
  x.copy_from(Tensor::zeros({4, 3}));
  CHECK_FALSE(noted_moments(x).defined());
}

}  // namespace
}  // namespace mien
