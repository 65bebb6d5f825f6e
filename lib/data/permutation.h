#pragma once

#include <cstdint>
#include <vector>

namespace mien::detail {

// Uses of one seed that must not share numbers: each adds its own constant to it.
inline constexpr std::uint64_t kShuffleSalt = 0x9e3779b97f4a7c15u;
inline constexpr std::uint64_t kAugmentSalt = 0xbf58476d1ce4e5b9u;
inline constexpr std::uint64_t kSubsetSalt = 0x94d049bb133111ebu;

/// 0 .. n-1 in a random order (Fisher and Yates) fixed by seed and stream.
std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint64_t stream);

}  // namespace mien::detail
