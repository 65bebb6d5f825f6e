#include "kernels/parallel.h"

#include <new>
#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/settings.h"

namespace mien {
namespace {

TEST_CASE("every piece is done once, for any number of threads, nested and from many",
          "[kernels]") {
  for (const int threads : {1, 2, 3}) {
    const KeepSettings keep;
    set_num_threads(threads);
    std::vector<int> done(100);
    parallel_for(10, [&](std::int64_t outer) {
      parallel_for(10, [&](std::int64_t inner, int worker) {
        done[std::size_t(outer * 10 + inner)] += 1 + 100 * (worker >= max_workers());
      });
    });
    REQUIRE(done == std::vector<int>(100, 1));
    std::vector<std::vector<int>> sums(3, std::vector<int>(50));
    std::vector<std::thread> callers;
    for (std::vector<int>& sum : sums)
      callers.emplace_back([&sum] {
        for (int round = 0; round < 20; ++round)
          parallel_for(50, [&sum](std::int64_t piece) { ++sum[std::size_t(piece)]; });
      });
    for (std::thread& caller : callers) caller.join();
    for (const std::vector<int>& sum : sums) REQUIRE(sum == std::vector<int>(50, 20));
  }
}

TEST_CASE("what a piece throws comes out of the run, and the next run is as ever", "[kernels]") {
  for (const int threads : {1, 2}) {
    const KeepSettings keep;
    set_num_threads(threads);
    REQUIRE_THROWS_AS(parallel_for(20,
                                   [](std::int64_t piece) {
                                     if (piece % 7 == 3) throw std::bad_alloc();
                                   }),
                      std::bad_alloc);
    std::vector<int> done(20);
    parallel_for(20, [&](std::int64_t piece) { ++done[std::size_t(piece)]; });
    REQUIRE(done == std::vector<int>(20, 1));
  }
}

}  // namespace
}  // namespace mien
