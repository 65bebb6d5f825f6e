#pragma once

#include <array>
#include <cstdint>

namespace mien {

/// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): 128 random
/// bits from a 128-bit counter and a 64-bit key. Pure, so any element of a stream can be had
/// without the ones before it, and CPU and GPU give the same bits.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(0xD2511F53u) * counter[0];
    const std::uint64_t b = std::uint64_t(0xCD9E8D57u) * counter[2];
    counter = {std::uint32_t(b >> 32) ^ counter[1] ^ key[0], std::uint32_t(b),
               std::uint32_t(a >> 32) ^ counter[3] ^ key[1], std::uint32_t(a)};
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  return counter;
}

/// The four words of block `block` in the stream `stream` of `seed`.
constexpr std::array<std::uint32_t, 4> philox_block(std::uint64_t seed, std::uint64_t stream,
                                                    std::uint64_t block) {
  return philox4x32({std::uint32_t(block), std::uint32_t(block >> 32), std::uint32_t(stream),
                     std::uint32_t(stream >> 32)},
                    {std::uint32_t(seed), std::uint32_t(seed >> 32)});
}

/// The top 24 bits of a word as a float in [0, 1).
constexpr float unit_float(std::uint32_t word) { return float(word >> 8) * 0x1p-24f; }

/// Random numbers one after the other: stream `stream` of `seed`. Two streams of one seed are
/// independent.
class PhiloxStream {
 public:
  PhiloxStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  /// A stream named by two numbers, such as (epoch, sample); each must be below 2^32.
  PhiloxStream(std::uint64_t seed, std::uint64_t high, std::uint64_t low)
      : PhiloxStream(seed, (high << 32) ^ low) {}

  /// Goes to where 4 * block words were drawn.
  void seek(std::uint64_t block) {
    block_ = block;
    used_ = 4;
  }
  /// 32 random bits.
  std::uint32_t next_u32() {
    if (used_ == 4) {
      words_ = philox_block(seed_, stream_, block_++);
      used_ = 0;
    }
    return words_[used_++];
  }
  /// Uniform in [0, 1), 53 bits.
  double uniform() {
    const std::uint64_t high = next_u32() >> 5, low = next_u32() >> 6;
    return double((high << 26) | low) * 0x1p-53;
  }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in 0 .. n-1, n >= 1.
  std::uint64_t below(std::uint64_t n) { return std::uint64_t(uniform() * double(n)); }
  /// Standard normal (Box-Muller; one of the pair is used, so a draw takes a fixed number of
  /// words).
  double normal();

 private:
  std::uint64_t seed_, stream_, block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  unsigned used_ = 4;
};

}  // namespace mien
