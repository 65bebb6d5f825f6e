#include "lib/runtime/large_blocks.h"

#include <algorithm>

namespace mien {

LargeBlocks::Parts::iterator LargeBlocks::find_free(std::size_t bytes) {
  return std::find_if(parts_.begin(), parts_.end(),
                      [&](const Part& each) { return each.free && each.bytes >= bytes; });
}

LargeBlocks::Parts::iterator LargeBlocks::add_segment(std::size_t bytes) {
  parts_.reserve(parts_.size() + 2);  // nothing may throw between the segment and its part
  std::size_t size = std::max(bytes, api_.segment);
  void* segment = api_.allocate(size);
  if (!segment && size > bytes)
    segment = api_.allocate(size = bytes);  // where even room is limited
  if (!segment) return parts_.end();
  auto* begin = static_cast<std::byte*>(segment);
  const auto at = std::find_if(parts_.begin(), parts_.end(),
                               [&](const Part& each) { return each.begin > begin; });
  return parts_.insert(at,
                       {.begin = begin, .bytes = size, .used = 0, .owner = begin, .free = true});
}

void* LargeBlocks::take(std::size_t bytes) {
  bytes = rounded(bytes);
  auto at = find_free(bytes);
  if (at == parts_.end()) at = add_segment(bytes);
  if (at == parts_.end()) return nullptr;
  if (at->bytes > bytes) {
    const Part rest{.begin = at->begin + bytes,
                    .bytes = at->bytes - bytes,
                    .used = at->used > bytes ? at->used - bytes : 0,
                    .owner = at->owner,
                    .free = true};
    at = parts_.insert(at + 1, rest) - 1;
    at->used -= rest.used;
    at->bytes = bytes;
  }
  cached_ -= at->used;
  if (at->used < bytes) ++grown_;
  at->free = false;
  return at->begin;
}

void LargeBlocks::give(void* block) noexcept {
  const auto at = std::partition_point(parts_.begin(), parts_.end(),
                                       [&](const Part& each) { return each.begin < block; });
  at->free = true;
  at->used = at->bytes;
  cached_ += at->used;
  if (at + 1 != parts_.end()) join(at, at + 1);
  if (at != parts_.begin()) join(at - 1, at);
}

void LargeBlocks::join(Parts::iterator left, Parts::iterator right) {
  if (!left->free || !right->free || left->owner != right->owner) return;
  left->bytes += right->bytes;
  left->used += right->used;
  parts_.erase(right);
}

void LargeBlocks::flush() {
  for (auto each = parts_.begin(); each != parts_.end();) {
    if (!each->free) {
      ++each;
      continue;
    }
    const bool whole = each->begin == each->owner &&
                       (each + 1 == parts_.end() || (each + 1)->owner != each->owner);
    if (whole) {
      api_.release(each->begin);
      each = parts_.erase(each);
    } else {
      if (each->used > 0) api_.discard(each->begin, each->bytes);
      each->used = 0;
      ++each;
    }
  }
  cached_ = 0;
}

}  // namespace mien
