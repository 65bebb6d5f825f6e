#include "lib/data/permutation.h"

#include <numeric>
#include <utility>

#include "mien/base/philox.h"

namespace mien::detail {

std::vector<std::int64_t> permutation(std::int64_t n, std::uint64_t seed, std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t(0));
  PhiloxStream random(seed, stream);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[random.below(left)]);
  }
  return order;
}

}  // namespace mien::detail
