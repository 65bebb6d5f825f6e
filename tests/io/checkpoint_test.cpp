#include "mien/io/checkpoint.h"

#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/support/values.h"

namespace mien {
namespace {

State sample() {
  State state;
  state.set("epoch", 3);
  state.set("big", std::int64_t(-9007199254740993));
  state.set("lr", 0.1 + 0.2);
  state.set("whole", 2.0);
  state.set("best", std::numeric_limits<double>::infinity());
  state.set("bad", std::numeric_limits<double>::quiet_NaN());
  state.set("text", "quote \" and \n line, ümläut");
  State& inner = state.group("optimizer");
  inner.set("m/kernel", random_tensor({3, 5}, 1, -1, 1, DType::f32));
  inner.set("steps", Tensor::from({7}, {1}, {.dtype = DType::i32}));
  inner.set("empty", Tensor::zeros({0, 4}));
  inner.group("deep").set("half", Tensor::full({2}, 1.5, {.dtype = DType::bf16}));
  state.set("weights", random_tensor({4}, 2));
  return state;
}

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void spill(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_CASE("a checkpoint gives back all that was saved, to the bit", "[io]") {
  const test::TempDir folder;
  const std::string path = (folder / "c.mien");
  io::save_checkpoint(sample(), path);
  const State state = io::load_checkpoint(path);
  REQUIRE(state.get_int("epoch") == 3);
  REQUIRE(state.get_int("big") == -9007199254740993);
  REQUIRE(state.get_double("lr") == 0.1 + 0.2);
  REQUIRE(state.get_double("whole") == 2.0);
  REQUIRE(std::isinf(state.get_double("best")));
  REQUIRE(std::isnan(state.get_double("bad")));
  REQUIRE(state.get_string("text") == "quote \" and \n line, ümläut");
  const State& inner = state.get_group("optimizer");
  REQUIRE(values(inner.get_tensor("m/kernel")) ==
          values(random_tensor({3, 5}, 1, -1, 1, DType::f32)));
  REQUIRE(inner.get_tensor("steps").dtype() == DType::i32);
  REQUIRE(inner.get_tensor("empty").shape() == Shape{0, 4});
  REQUIRE(values(inner.get_group("deep").get_tensor("half")) == std::vector<double>{1.5, 1.5});
  REQUIRE(values(state.get_tensor("weights")) == values(random_tensor({4}, 2)));
  REQUIRE(state.items()[0].name == "epoch");
}

TEST_CASE("saving over a checkpoint replaces it and leaves nothing beside it", "[io]") {
  const test::TempDir folder;
  const std::string path = (folder / "c.mien");
  for (int epoch = 1; epoch <= 2; ++epoch) {
    State state;
    state.set("epoch", epoch);
    io::save_checkpoint(state, path);
  }
  REQUIRE(io::load_checkpoint(path).get_int("epoch") == 2);
  REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a checkpoint cut anywhere or with any byte changed is refused in one line", "[io]") {
  const test::TempDir folder;
  const std::string path = (folder / "c.mien"), damaged = (folder / "d.mien");
  io::save_checkpoint(sample(), path);
  const std::string bytes = slurp(path);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
    spill(damaged, bytes.substr(0, cut));
    REQUIRE_THROWS_AS(io::load_checkpoint(damaged), IoError);
  }
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::string changed = bytes;
    changed[at] = char(changed[at] ^ 0x10);
    spill(damaged, changed);
    INFO("byte " << at);
    try {
      io::load_checkpoint(damaged);
      // Only blanks between the header's items may change without any meaning.
      REQUIRE((bytes[at] == ' ' || at < 8));
    } catch (const Error& error) {
      REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("a foreign or missing file is named", "[io]") {
  const test::TempDir folder;
  const std::string path = (folder / "x.mien");
  REQUIRE_THROWS_WITH(io::load_checkpoint(path),
                      path + ": cannot be opened: No such file or directory");
  spill(path, "this is a text of some length, and no checkpoint");
  REQUIRE_THROWS_WITH(io::load_checkpoint(path), path + ": not a safetensors file, or truncated");
  REQUIRE_THROWS_WITH(io::load_checkpoint(folder.path()), folder.path() + ": is not a file");
}

TEST_CASE("a full disk leaves the earlier checkpoint whole", "[io]") {
  if (!std::filesystem::exists("/dev/full")) MIEN_SKIP("no /dev/full here");
  const test::TempDir folder;
  const std::string path = (folder / "c.mien");
  State state;
  state.set("epoch", 1);
  io::save_checkpoint(state, path);
  std::filesystem::create_symlink("/dev/full",
                                  path + ".tmp");  // every write to it fails as on a full disk
  state.set("epoch", 2);
  REQUIRE_THROWS_WITH(io::save_checkpoint(state, path),
                      path + ": cannot be written: No space left on device");
  REQUIRE(io::load_checkpoint(path).get_int("epoch") == 1);
}

TEST_CASE("a checkpoint into a missing folder is an error naming the file", "[io]") {
  const test::TempDir folder;
  const std::string path = (folder / "no/c.mien");
  REQUIRE_THROWS_WITH(io::save_checkpoint(State(), path),
                      path + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace mien
