#include "tests/cuda/language.h"

#include <cmath>
#include <cstring>

#include "kernels/cuda/rt.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"

// The wrappers of kernels/cuda/lang.cuh against plain loops: on a real device too, they must mean
// what the emulated one takes them for.

namespace mien {
namespace {

// Calls check in each behaviour of the device.
template <class Check>
void in_every_behaviour(const Check& check) {
  cuda_or_skip();
  for (int behaviour = 0; behaviour < cuda::behaviours(); ++behaviour) {
    cuda::choose_behaviour(behaviour);
    CAPTURE(behaviour);
    check();
  }
  cuda::choose_behaviour(0);
}

std::uint32_t bits(float x) {
  std::uint32_t out;
  std::memcpy(&out, &x, sizeof out);
  return out;
}

// Integers from -8 to 7, no two neighbours alike: each product and sum is exact in any precision.
std::vector<float> integers(std::size_t n, unsigned seed) {
  std::vector<float> out(n);
  for (float& each : out) {
    seed = seed * 1664525u + 1013904223u;
    each = float(int(seed >> 28) - 8);
  }
  return out;
}

std::vector<std::uint16_t> halves(const std::vector<float>& from) {
  std::vector<std::uint16_t> out;
  for (const float each : from) out.push_back(std::uint16_t(bits(each) >> 16));
  return out;
}

// c + a b. a: [16, depth], b: [depth, 8].
std::vector<float> multiply_add(const std::vector<float>& a, const std::vector<float>& b,
                                std::vector<float> c, std::size_t depth) {
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < depth; ++k)
      for (std::size_t j = 0; j < 8; ++j) c[i * 8 + j] += a[i * depth + k] * b[k * 8 + j];
  return c;
}

TEST_CASE("mma_tf32 multiplies 16 x 8 by 8 x 8 and adds", "[cuda]") {
  const auto a = integers(16 * 8, 1), b = integers(8 * 8, 2), c = integers(16 * 8, 3);
  in_every_behaviour([&] { REQUIRE(language::mma_tf32(a, b, c) == multiply_add(a, b, c, 8)); });
}

TEST_CASE("mma_bf16 multiplies 16 x 16 by 16 x 8 and adds", "[cuda]") {
  const auto a = integers(16 * 16, 4), b = integers(16 * 8, 5), c = integers(16 * 8, 6);
  in_every_behaviour(
      [&] { REQUIRE(language::mma_bf16(halves(a), halves(b), c) == multiply_add(a, b, c, 16)); });
}

TEST_CASE("ldmatrix_x4 hands pairs of four matrices to the lanes that mma wants them in",
          "[cuda]") {
  std::vector<std::uint16_t> matrices(4 * 64);
  for (std::size_t i = 0; i < matrices.size(); ++i) matrices[i] = std::uint16_t(i * 257);
  for (const bool transposed : {false, true}) {
    CAPTURE(transposed);
    std::vector<std::uint32_t> expected;
    for (std::size_t lane = 0; lane < 32; ++lane)
      for (std::size_t m = 0; m < 4; ++m) {
        const std::size_t row = lane / 4, column = lane % 4 * 2;
        const auto at = [&](std::size_t r, std::size_t c) {
          return std::uint32_t(matrices[m * 64 + (transposed ? c * 8 + r : r * 8 + c)]);
        };
        expected.push_back(at(row, column) | at(row, column + 1) << 16);
      }
    in_every_behaviour([&] { REQUIRE(language::ldmatrix(matrices, transposed) == expected); });
  }
}

TEST_CASE("to_tf32 rounds to the nearest, ties away from zero, and keeps NaN", "[cuda]") {
  const std::vector<std::uint32_t> from = {
      0x3f800000, 0x3f800fff, 0x3f801000, 0x3f801001, 0xbf801000, 0x3f802fff, 0x3f803000,
      0x00000000, 0x80000000, 0x7f800000, 0xff800000, 0x7f7fffff, 0x3fffffff};
  const std::vector<std::uint32_t> to = {0x3f800000, 0x3f800000, 0x3f802000, 0x3f802000, 0xbf802000,
                                         0x3f802000, 0x3f804000, 0x00000000, 0x80000000, 0x7f800000,
                                         0xff800000, 0x7f800000, 0x40000000};
  cuda_or_skip();
  REQUIRE(language::to_tf32(from) == to);
  for (const std::uint32_t nan : {0x7fc00000u, 0x7fffffffu, 0xffc07fc0u}) {
    const std::uint32_t got = language::to_tf32({nan})[0];
    REQUIRE((got & 0x7fffffff) > 0x7f800000);
    REQUIRE((got & 0x7fffe000) > 0x7f800000);  // with the bits that a tensor core reads
  }
}

TEST_CASE("cp_async brings what is valid and zeros for the rest, stage by stage", "[cuda]") {
  for (const int size : {4, 16})
    for (const int skips : {3, 1000000}) {
      CAPTURE(size, skips);
      const auto words = std::size_t(size) / 4;
      std::vector<float> x(5 * 64 * words);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i + 1);
      std::vector<float> expected = x;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (i / words % std::size_t(skips) == 0) expected[i] = 0;
      in_every_behaviour([&] { REQUIRE(language::copy_async(x, size, skips) == expected); });
    }
}

TEST_CASE("lanes of a warp hand each other values", "[cuda]") {
  in_every_behaviour([] {
    const language::Lanes got = language::lanes();
    for (int lane = 0; lane < 32; ++lane) {
      CAPTURE(lane);
      const auto i = std::size_t(lane);
      REQUIRE(got.from_next[i] == (lane + 5) % 32);
      REQUIRE(got.across[i] == (lane ^ 9));
      REQUIRE(got.below[i] == (lane + 3 < 32 ? lane + 3 : lane));
      REQUIRE(got.of_two[i] == (lane >= 12 && lane < 20 ? lane ^ 1 : -1));
      REQUIRE(got.votes[i] == 0x49249249u);
    }
  });
}

TEST_CASE("every thread of a launch runs once and knows where it is", "[cuda]") {
  in_every_behaviour([] {
    const std::vector<int> got = language::numbers({3, 2, 4}, {5, 4, 3});
    REQUIRE(got.size() == 24 * 60);
    for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == int(i));
  });
}

TEST_CASE("a block may have more shared memory than 48 KiB", "[cuda]") {
  cuda_or_skip();
  const int words = int(cuda::properties().shared_per_block / 4) / 2;
  REQUIRE(words * 4 > 48 * 1024);
  REQUIRE(language::sum_in_shared(words) == Approx(double(words) * (words - 1) / 2).epsilon(1e-4));
}

TEST_CASE("words and functions of the device are those of the host", "[cuda]") {
  cuda_or_skip();
  REQUIRE(language::words(0xfedcba98u, 0x87654321u) ==
          std::vector<std::uint32_t>{
              std::uint32_t((std::uint64_t(0xfedcba98u) * 0x87654321u) >> 32), 0xfedcba98u});
  for (const float x : {0.3f, 1.0f, 7.5f}) {
    const std::vector<float> got = language::functions(x);
    const std::vector<float> expected = {std::exp(x), std::log(x), std::tanh(x), std::sqrt(x),
                                         1 / std::sqrt(x)};
    for (std::size_t i = 0; i < expected.size(); ++i)
      REQUIRE(got[i] == Approx(expected[i]).epsilon(1e-6).margin(1e-7));
  }
}

}  // namespace
}  // namespace mien
