#include "mien/train/model_checkpoint.h"

#include <fstream>

#include "lib/train/python_text.h"
#include "mien/base/error.h"
#include "mien/io/model.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/train/scripted.h"

using namespace mien;
using test::run_script;

namespace {

struct Saved {
  std::vector<std::string> paths;
  std::string printed;
};

Saved run(std::string key, std::vector<double> values, ModelCheckpointOptions options) {
  Saved saved;
  options.monitor = key;
  options.verbose = 1;
  options.save = [&](const nn::Module&, const std::string& path) { saved.paths.push_back(path); };
  const std::string path = "m.{epoch:02d}-{" + key + ":.2f}.h5";
  saved.printed = run_script(key, std::move(values), ModelCheckpoint(path, options)).printed;
  return saved;
}

}  // namespace

// Paths and messages are those of keras.callbacks.ModelCheckpoint 3.16 on the same scripts, without
// the empty lines with which it leaves the progress bar's line.
TEST_CASE("ModelCheckpoint saves the best only, strictly better ones", "[train]") {
  const Saved saved = run("val_loss", {.5, .4, .45, .4, .39}, {.save_best_only = true});
  CHECK(saved.paths == std::vector<std::string>{"m.01-0.50.h5", "m.02-0.40.h5", "m.05-0.39.h5"});
  CHECK(saved.printed ==
        "Epoch 1: val_loss improved from None to 0.50000, saving model to m.01-0.50.h5\n"
        "Epoch 1: finished saving model to m.01-0.50.h5\n"
        "Epoch 2: val_loss improved from 0.50000 to 0.40000, saving model to m.02-0.40.h5\n"
        "Epoch 2: finished saving model to m.02-0.40.h5\n"
        "Epoch 3: val_loss did not improve from 0.40000\n"
        "Epoch 4: val_loss did not improve from 0.40000\n"
        "Epoch 5: val_loss improved from 0.40000 to 0.39000, saving model to m.05-0.39.h5\n"
        "Epoch 5: finished saving model to m.05-0.39.h5\n");
}

TEST_CASE("ModelCheckpoint follows what rises, a threshold, and every epoch", "[train]") {
  CHECK(run("val_accuracy", {.5, .7, .6}, {.save_best_only = true}).paths ==
        std::vector<std::string>{"m.01-0.50.h5", "m.02-0.70.h5"});
  CHECK(run("val_loss", {.5, .3, .25}, {.save_best_only = true, .initial_value_threshold = .3})
            .paths == std::vector<std::string>{"m.03-0.25.h5"});
  const Saved each = run("val_loss", {.5, .4}, {});
  CHECK(each.paths == std::vector<std::string>{"m.01-0.50.h5", "m.02-0.40.h5"});
  CHECK(each.printed.starts_with("Epoch 1: saving model to m.01-0.50.h5\n"));
}

TEST_CASE("ModelCheckpoint writes a Keras file into a folder that it makes", "[train]") {
  const test::TempDir dir;
  try {
    run_script("val_loss", {.5}, ModelCheckpoint(dir / "new/best.h5", {.save_best_only = true}));
  } catch (const IoError& error) {
    if (std::string(error.what()).find("HDF5") != std::string::npos) MIEN_SKIP(error.what());
    throw;
  }
  const nn::Sequential model = io::load_model<nn::Sequential>(dir / "new/best.h5");
  REQUIRE(model.parameters().size() == 1);
}

TEST_CASE("paths are filled in as Python would", "[train]") {
  const Logs logs{{"loss", 0.12345}, {"accuracy", 0.5}, {"val_loss", -2}};
  CHECK(format_path("m.h5", 0, logs) == "m.h5");
  CHECK(format_path("{epoch}", 4, logs) == "5");
  CHECK(format_path("{epoch:02d}-{epoch:d}-{epoch:4d}", 4, logs) == "05-5-   5");
  CHECK(format_path("{loss:.2f} {loss:.4f} {loss}", 0, logs) == "0.12 0.1235 0.12345");
  CHECK(format_path("{loss:08.3f} {val_loss:06.1f}", 0, logs) == "0000.123 -002.0");
  CHECK(format_path("{accuracy:.0%} {acc:.1e}", 0, logs) == "50% 5.0e-01");
  CHECK(format_path("{{{epoch}}}", 0, logs) == "{1}");
  CHECK_THROWS_WITH(format_path("{f1:.2f}", 0, logs), "path '{f1:.2f}': there is no 'f1'");
  CHECK_THROWS_WITH(format_path("{loss:x}", 0, logs), Contains("'{loss:x}' is no format"));
  CHECK_THROWS_WITH(format_path("{loss:d}", 0, logs), Contains("is no format"));
  CHECK_THROWS_WITH(format_path("{loss:.f}", 0, logs), Contains("is no format"));
  CHECK_THROWS_WITH(format_path("a{loss", 0, logs), "path 'a{loss': a { without its }");
  CHECK_THROWS_WITH(format_path("a}", 0, logs), "path 'a}': a } without its {");
}

TEST_CASE("a name that the path asks for must be logged", "[train]") {
  REQUIRE_THROWS_WITH(run_script("val_loss", {1}, ModelCheckpoint("{val_f1:.2f}.h5")),
                      "path '{val_f1:.2f}.h5': there is no 'val_f1'");
}
