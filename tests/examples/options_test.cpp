#include "examples/fer/options.h"

#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/io/checkpoint.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace mien {
namespace {

// What parse_options() says of --resume where OUT holds this checkpoint; "" where it takes it.
std::string resume_error(const State& checkpoint) {
  const test::TempDir dir;
  io::save_checkpoint(checkpoint, dir / "checkpoint.mien");
  std::vector<std::string> words{"fer_train", "--resume", "--out", dir.path()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  std::optional<State> loaded;
  try {
    (void)fer::parse_options(int(arguments.size()), arguments.data(), loaded);
    return "";
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.rfind(dir / "checkpoint.mien: ", 0) == 0);
    return text.substr((dir / "checkpoint.mien: ").size());
  }
}

TEST_CASE("fer_train resumes from its own checkpoints only", "[examples]") {
  State of_another_program;
  of_another_program.set("epoch", 3);
  CHECK(resume_error(of_another_program) == "not a checkpoint of fer_train");

  State own;
  fer::save_options({.model = "small"}, own.group("options"));
  CHECK(resume_error(own) == "");

  State lacking;
  lacking.group("options").set("data", "faces");
  CHECK_THAT(resume_error(lacking), Contains("model"));

  State odd;
  fer::save_options({.model = "large"}, odd.group("options"));
  CHECK_THAT(resume_error(odd), Contains("--model must be canonical or small; got 'large'"));
}

}  // namespace
}  // namespace mien
