#pragma once

#include <array>
#include <cstdint>
#include <vector>

// What the wrappers of kernels/cuda/lang.cuh do on the device, for tests.

namespace mien::language {

/// c + a b by one warp: 16 x 8 by 8 x 8.
std::vector<float> mma_tf32(const std::vector<float>& a, const std::vector<float>& b,
                            const std::vector<float>& c);
/// c + a b by one warp: 16 x 16 by 16 x 8; a and b hold the bits of bf16.
std::vector<float> mma_bf16(const std::vector<std::uint16_t>& a,
                            const std::vector<std::uint16_t>& b, const std::vector<float>& c);
/// Four matrices of 8 x 8: the words that each lane gets of each, [lane][matrix].
std::vector<std::uint32_t> ldmatrix(const std::vector<std::uint16_t>& matrices, bool transposed);
std::vector<std::uint32_t> to_tf32(const std::vector<std::uint32_t>& floats);

/// x by way of shared memory, in stages of `size` bytes a thread, of which those whose number
/// `skips` divides are not valid. x: [stages][64][size / 4].
std::vector<float> copy_async(const std::vector<float>& x, int size, int skips);

struct Lanes {
  std::vector<int> from_next, across, below, of_two;  // what each lane got
  std::vector<unsigned> votes;
};
/// Lane numbers handed around: by __shfl_sync from lane + 5, by xor 9, from 3 lanes above, by xor 1
/// among lanes 12 to 19 alone (-1 elsewhere); and which lanes are divisible by 3.
Lanes lanes();

/// What a thread at (x, y, z) of a block at (x, y, z) computes as its number among all.
std::vector<int> numbers(std::array<unsigned, 3> blocks, std::array<unsigned, 3> threads);
/// The sum of `words` words that the threads of a block wrote to shared memory, each its number.
float sum_in_shared(int words);
/// Bits of float functions, high halves of products: as on the host.
std::vector<std::uint32_t> words(std::uint32_t a, std::uint32_t b);
std::vector<float> functions(float x);  // exp, log, tanh, sqrt, rsqrt

}  // namespace mien::language
