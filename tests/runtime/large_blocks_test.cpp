#include "lib/runtime/large_blocks.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "mien/base/philox.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

constexpr std::size_t kPage = 4096;

// A device of at most `limit` bytes that counts.
std::size_t limit, held, discarded;
std::vector<std::size_t> sizes;

void* allocate(std::size_t bytes) {
  if (held + bytes > limit) return nullptr;
  held += bytes;
  sizes.push_back(bytes);
  return std::aligned_alloc(kPage, bytes);
}
void release(void* block) { std::free(block); }
void discard(void*, std::size_t bytes) { discarded += bytes; }

DeviceApi device(std::size_t segment, std::size_t most = std::size_t(1) << 30) {
  limit = most;
  held = discarded = 0;
  sizes.clear();
  DeviceApi api = cpu_device_api();
  api.allocate = allocate;
  api.release = release;
  api.segment = segment;
  api.discard = discard;
  return api;
}

TEST_CASE("free bytes serve blocks of any size, the lowest first", "[runtime]") {
  const DeviceApi api = device(64 * kPage);
  LargeBlocks blocks(api);
  void* a = blocks.take(10 * kPage);
  void* b = blocks.take(20 * kPage - 5);
  void* c = blocks.take(4 * kPage);
  CHECK(blocks.grown() == 3);
  blocks.give(a);
  CHECK(blocks.cached() == 10 * kPage);
  blocks.give(b);
  CHECK(blocks.cached() == 30 * kPage);

  CHECK(blocks.take(30 * kPage) == a);  // joined
  CHECK(blocks.cached() == 0);
  CHECK(blocks.grown() == 3);
  blocks.give(a);
  CHECK(blocks.take(9 * kPage) == a);
  CHECK(blocks.take(21 * kPage) == static_cast<std::byte*>(a) + 9 * kPage);
  CHECK(blocks.take(kPage) == static_cast<std::byte*>(c) + 4 * kPage);
  CHECK(blocks.grown() == 4);
  CHECK(sizes == std::vector<std::size_t>{64 * kPage});
}

TEST_CASE("what was never in use is no cached memory", "[runtime]") {
  const DeviceApi api = device(64 * kPage);
  LargeBlocks blocks(api);
  void* a = blocks.take(10 * kPage);
  blocks.give(a);
  REQUIRE(blocks.cached() == 10 * kPage);
  a = blocks.take(12 * kPage);  // two pages more
  CHECK(blocks.cached() == 0);
  CHECK(blocks.grown() == 2);
  void* b = blocks.take(kPage);
  blocks.give(a);
  blocks.flush();  // b holds the segment
  CHECK(discarded == 12 * kPage);
  CHECK(blocks.cached() == 0);
  CHECK(blocks.take(12 * kPage) == a);
  CHECK(blocks.grown() == 4);
  blocks.give(a);
  blocks.give(b);
  blocks.flush();
  CHECK(sizes.size() == 1);
  CHECK(blocks.take(kPage));
  CHECK(sizes.size() == 2);  // the first segment was given back
}

TEST_CASE("a segment has the size of a block where the device has no more", "[runtime]") {
  const DeviceApi api = device(64 * kPage, 30 * kPage);
  LargeBlocks blocks(api);
  CHECK(blocks.take(20 * kPage));
  CHECK(sizes == std::vector<std::size_t>{20 * kPage});
  CHECK_FALSE(blocks.take(11 * kPage));
  CHECK(blocks.take(10 * kPage));
}

TEST_CASE("no two large blocks overlap, and all bytes come back", "[runtime]") {
  const DeviceApi api = device(256 * kPage);
  LargeBlocks blocks(api);
  struct Taken {
    unsigned char* begin;
    std::size_t bytes;
    unsigned char mark;
  };
  std::vector<Taken> taken;
  std::size_t used = 0;
  const auto check_and_give = [&](std::size_t i) {
    const Taken t = taken[i];
    REQUIRE(t.begin[0] == t.mark);
    REQUIRE(std::memcmp(t.begin, t.begin + 1, t.bytes - 1) == 0);
    blocks.give(t.begin);
    used -= LargeBlocks::rounded(t.bytes);
    taken.erase(taken.begin() + std::ptrdiff_t(i));
  };
  for (std::uint32_t step = 0; step < 3000; ++step) {
    const auto random = philox_block(7, 1, step);
    if (!taken.empty() && (random[0] % 2 == 0 || taken.size() > 40)) {
      check_and_give(random[1] % taken.size());
      continue;
    }
    const std::size_t bytes = 1 + random[1] % (30 * kPage);
    auto* begin = static_cast<unsigned char*>(blocks.take(bytes));
    REQUIRE(begin);
    std::memset(begin, int(random[2] & 255), bytes);
    taken.push_back({begin, bytes, static_cast<unsigned char>(random[2] & 255)});
    used += LargeBlocks::rounded(bytes);
    REQUIRE(used + blocks.cached() <= held);
  }
  while (!taken.empty()) check_and_give(0);
  const std::size_t grown = blocks.grown();
  CHECK(blocks.take(200 * kPage));  // all parts of the first segment are one again
  CHECK(blocks.grown() == grown);
}

}  // namespace
}  // namespace mien
