#pragma once

#include <cstddef>
#include <vector>

#include "kernels/device_api.h"

namespace mien {

/// Large blocks of one device, cut from segments and joined again when they are given back, so that
/// any free bytes serve any size: with lists by size a training would keep for each size the most
/// that it ever used of it. The lowest place that fits is taken, which keeps all blocks together
/// and the rest of a segment untouched. No locks: the owner has one.
class LargeBlocks {
 public:
  explicit LargeBlocks(const DeviceApi& api) : api_(api) {}

  /// Bytes that a block of `bytes` takes up.
  static std::size_t rounded(std::size_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }

  /// A block of rounded(bytes); nullptr where the system has none.
  void* take(std::size_t bytes);
  /// Takes it back.
  void give(void* block) noexcept;
  /// Gives free bytes back to the system.
  void flush();

  /// Free bytes that were in use before and may still take memory.
  std::size_t cached() const { return cached_; }
  /// How often take() used bytes that were never in use before.
  std::size_t grown() const { return grown_; }

 private:
  static constexpr std::size_t kStep = 4096;

  // A part of a segment; all parts together, in the order of their addresses, are all segments.
  struct Part {
    std::byte* begin;
    std::size_t bytes;
    std::size_t used;   // where free: bytes of it that were in use before, counted from its begin
    const void* owner;  // begin of its segment: parts of two are never joined
    bool free;
  };
  using Parts = std::vector<Part>;

  Parts::iterator find_free(std::size_t bytes);
  Parts::iterator add_segment(std::size_t bytes);
  void join(Parts::iterator left, Parts::iterator right);

  const DeviceApi& api_;
  Parts parts_;
  std::size_t cached_ = 0, grown_ = 0;
};

}  // namespace mien
