#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "mien/nn/registry.h"
#include "tests/support/catch.h"

namespace mien {
namespace {

// The cells of "| `Conv2D` | yes | .. |".
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1, end; (end = row.find('|', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string cell = row.substr(begin, end - begin);
    const std::size_t first = cell.find_first_not_of(' ');
    cells.push_back(first == std::string::npos
                        ? ""
                        : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return cells;
}

TEST_CASE("docs/layers.md has a row for every layer that is known by name", "[nn]") {
  std::ifstream page(std::string(MIEN_TEST_DATA_DIR) + "/../../docs/layers.md");
  REQUIRE(page.is_open());
  std::vector<std::string> rows;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    INFO(line);
    const std::vector<std::string> cells = cells_of(line);
    REQUIRE(cells.size() == 6);
    for (std::size_t i = 1; i < 5; ++i) CHECK((cells[i] == "yes" || cells[i] == "no"));
    rows.push_back(cells[0].substr(1, cells[0].size() - 2));
  }
  std::sort(rows.begin(), rows.end());
  CHECK(rows == nn::registered_layers());
}

}  // namespace
}  // namespace mien
