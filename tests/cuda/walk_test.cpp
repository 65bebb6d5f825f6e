#include "kernels/cuda/walk.h"

#include <set>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace mien {
namespace {

using Box = cuda::Box<2>;

Box box_of(const std::vector<std::int64_t>& dims, const std::vector<std::int64_t>& a,
           const std::vector<std::int64_t>& b) {
  Box box;
  box.rank = int(dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    box.dims[i] = dims[i];
    box.strides[0][i] = a[i];
    box.strides[1][i] = b[i];
  }
  return box;
}

using Visited = std::multiset<std::pair<std::int64_t, std::int64_t>>;

Visited visited(const Box& box, const cuda::Places<2>& from = {}) {
  Visited out;
  for (std::int64_t i = 0; i < box.numel(); ++i) {
    std::int64_t rest = i, a = from.at[0], b = from.at[1];
    for (int axis = box.rank - 1; axis >= 0; --axis) {
      a += rest % box.dims[axis] * box.strides[0][axis];
      b += rest % box.dims[axis] * box.strides[1][axis];
      rest /= box.dims[axis];
    }
    out.insert({a, b});
  }
  return out;
}

const std::vector<Box>& boxes() {
  static const std::vector<Box> all{
      box_of({2, 3, 4}, {12, 4, 1}, {12, 4, 1}),         // one run
      box_of({5, 6, 4}, {24, 4, 1}, {0, 0, 1}),          // a row that repeats
      box_of({5, 6, 4}, {24, 4, 1}, {6, 1, 0}),          // a column that repeats
      box_of({3, 1, 5, 1}, {5, 9, 1, 7}, {1, 0, 3, 0}),  // a transpose, with axes of size 1
      box_of({4, 5}, {-5, -1}, {5, 1}),                  // backwards
      box_of({2, 3, 4, 5}, {60, 20, 5, 1}, {3, 1, 30, 6}),
      box_of({1, 1}, {1, 1}, {1, 1}),
  };
  return all;
}

TEST_CASE("a merged box has the elements of the box and no neighbours left to merge") {
  for (const Box& box : boxes()) {
    const Box one = cuda::merged(box);
    REQUIRE(visited(one) == visited(box));
    REQUIRE(cuda::merged(one).rank == one.rank);
  }
  REQUIRE(cuda::merged(boxes()[0]).rank == 1);
  REQUIRE(cuda::merged(boxes()[1]).rank == 2);
  REQUIRE(cuda::merged(boxes()[4]).rank == 1);
  REQUIRE(cuda::merged(boxes()[6]).rank == 1);
}

TEST_CASE("the pieces of a box are its elements, each once, and as small as asked") {
  for (const Box& box : boxes())
    for (const std::int64_t most : {1, 2, 5, 7, 30, 1000}) {
      Visited all;
      bool small = true;
      cuda::for_each_piece(
          box,
          [&](const Box& piece, const cuda::Places<2>& from) {
            small =
                small && piece.numel() <= most && piece.span(0) <= most && piece.span(1) <= most;
            all.merge(visited(piece, from));
          },
          most);
      CAPTURE(most);
      REQUIRE(small);
      REQUIRE(all == visited(box));
    }
}

TEST_CASE("a box can be packed where its arrays run on or repeat, from multiples of the width") {
  const auto packable = [](const Box& box) { return cuda::packable(cuda::merged(box), 4); };
  REQUIRE(packable(box_of({7}, {1}, {1})));  // the end is not packed
  REQUIRE(packable(box_of({5, 8}, {0, 1}, {8, 1})));
  REQUIRE(packable(box_of({5, 8}, {1, 0}, {8, 1})));
  REQUIRE_FALSE(packable(box_of({5, 6}, {0, 1}, {6, 1})));  // rows end within a pack
  REQUIRE_FALSE(packable(box_of({5, 8}, {9, 1}, {8, 1})));  // rows begin within a pack
  REQUIRE_FALSE(packable(box_of({8}, {-1}, {1})));
  REQUIRE_FALSE(packable(box_of({8}, {1}, {2})));
  REQUIRE_FALSE(packable(box_of({8, 8}, {1, 8}, {8, 1})));
}

}  // namespace
}  // namespace mien
