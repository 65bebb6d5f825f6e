#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

// How the terms of a reduction are laid over threads: a function of its sizes and of the device.

namespace mien::cuda {

inline constexpr int kFoldThreads = 256;       // of a block, at most
inline constexpr std::int64_t kTermsEach = 8;  // loads of a thread before terms go to more threads

struct FoldPlan {
  unsigned outputs;     // of a block, side by side; a power of 2
  unsigned lanes;       // threads of each output; a power of 2
  unsigned blocks;      // over the outputs
  unsigned chunks;      // blocks over the terms
  std::int64_t length;  // of a chunk, in terms

  unsigned threads() const { return outputs * lanes; }
};

/// More chunks where the outputs' blocks do not fill the device.
constexpr FoldPlan chunked(FoldPlan plan, std::int64_t terms, int sms) {
  const std::int64_t each = plan.lanes * kTermsEach;
  const std::int64_t wanted = std::max<std::int64_t>(1, 2 * sms / std::int64_t(plan.blocks));
  const std::int64_t most = std::max<std::int64_t>(1, terms / each);
  const std::int64_t chunks = std::min(wanted, most);
  plan.length = std::max<std::int64_t>(1, (terms + chunks - 1) / chunks);
  plan.chunks = unsigned(std::max<std::int64_t>(1, (terms + plan.length - 1) / plan.length));
  return plan;
}

/// Where an output's terms are neighbours in memory: its threads lie along them, in a part of a
/// warp or a whole block. Outputs and terms are below 2^31, outputs at least 1.
constexpr FoldPlan plan_rows(std::int64_t outputs, std::int64_t terms, int sms) {
  FoldPlan plan{};
  if (terms > 32 * 2 * kTermsEach) {
    plan.lanes = kFoldThreads;
  } else {
    plan.lanes = unsigned(std::bit_ceil(std::uint64_t(std::clamp<std::int64_t>(terms, 1, 32))));
  }
  plan.outputs = kFoldThreads / plan.lanes;
  plan.blocks = unsigned((outputs + plan.outputs - 1) / plan.outputs);
  return chunked(plan, terms, sms);
}

/// Where neighbouring outputs have neighbouring terms: threads lie along the outputs first.
constexpr FoldPlan plan_columns(std::int64_t outputs, std::int64_t terms, int sms) {
  const auto columns = unsigned(std::bit_ceil(std::uint64_t(std::min<std::int64_t>(outputs, 256))));
  const auto rows =
      unsigned(std::bit_ceil(std::uint64_t(std::clamp<std::int64_t>(terms / kTermsEach, 1, 256))));
  FoldPlan plan{};
  plan.lanes = std::min(rows, kFoldThreads / std::min(columns, 32u));
  plan.outputs = std::min(columns, kFoldThreads / plan.lanes);
  plan.blocks = unsigned((outputs + plan.outputs - 1) / plan.outputs);
  return chunked(plan, terms, sms);
}

}  // namespace mien::cuda
