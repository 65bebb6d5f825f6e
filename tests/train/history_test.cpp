#include "mien/train/history.h"

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "lib/io/file.h"
#include "mien/base/error.h"
#include "mien/state.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace mien;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

History three_epochs() {
  History history;
  history.append({{"loss", 1.5}, {"accuracy", 0.25}, {"val_loss", 1.25}}, 2.5);
  history.append({{"loss", 1.0}, {"accuracy", 0.5}, {"val_loss", 1.0}}, 1.5);
  history.append({{"loss", 0.5}, {"accuracy", 0.75}, {"val_loss", 1.0}, {"lr", 1e-3}}, 1);
  return history;
}

}  // namespace

TEST_CASE("logs know both spellings of accuracy and learning rate", "[train]") {
  const struct {
    const char *stored, *asked;
  } cases[] = {{"accuracy", "acc"},         {"acc", "accuracy"},
               {"val_accuracy", "val_acc"}, {"val_acc", "val_accuracy"},
               {"lr", "learning_rate"},     {"learning_rate", "lr"},
               {"val_f1", "val_f1"},        {"val_lr", "val_learning_rate"}};
  for (const auto& c : cases) {
    INFO(c.stored << " asked for as " << c.asked);
    const Logs logs{{"loss", 1}, {c.stored, 2}};
    REQUIRE(logs.find(c.asked) != nullptr);
    REQUIRE(*logs.find(c.asked) == 2);
  }
}

TEST_CASE("logs do not take training for validation, nor one metric for another", "[train]") {
  const Logs logs{{"accuracy", 0.5}, {"val_loss", 1}};
  REQUIRE(logs.find("val_accuracy") == nullptr);
  REQUIRE(logs.find("val_acc") == nullptr);
  REQUIRE(logs.find("loss") == nullptr);
  REQUIRE(logs.find("ac") == nullptr);
}

TEST_CASE("logs prefer the exact name to its other spelling", "[train]") {
  const Logs logs{{"accuracy", 1}, {"acc", 2}};
  REQUIRE(logs.at("acc") == 2);
  REQUIRE(logs.at("accuracy") == 1);
}

TEST_CASE("logs keep their order and replace by name", "[train]") {
  Logs logs{{"loss", 1}, {"accuracy", 2}};
  logs.set("loss", 3);
  logs.set("f1", 4);
  REQUIRE(logs == Logs{{"loss", 3}, {"accuracy", 2}, {"f1", 4}});
  REQUIRE(logs.begin()->first == "loss");
}

TEST_CASE("logs say what there is when asked for something else", "[train]") {
  REQUIRE_THROWS_WITH(Logs({{"loss", 1}, {"accuracy", 2}}).at("f1"),
                      "logs: there is no 'f1'; there are loss, accuracy");
}

TEST_CASE("history gives NaN where an epoch lacks a value and refuses unknown names", "[train]") {
  const History history = three_epochs();
  const std::vector<double> rates = history.values("learning_rate");
  REQUIRE(rates.size() == 3);
  REQUIRE(std::isnan(rates[0]));
  REQUIRE(rates[2] == 1e-3);
  REQUIRE(history.values("acc") == std::vector<double>{0.25, 0.5, 0.75});
  REQUIRE(history.names() == std::vector<std::string>{"loss", "accuracy", "val_loss", "lr"});
  REQUIRE(history.seconds() == 5);
  REQUIRE_THROWS_WITH(history.values("val_acc"),
                      "history: there is no 'val_acc'; there are loss, accuracy, val_loss, lr");
}

TEST_CASE("the best epoch is the first of equals, falls for losses, rises for accuracy",
          "[train]") {
  const History history = three_epochs();
  REQUIRE(history.best_epoch() == 1u);
  REQUIRE(history.best_epoch("acc") == 2u);
  REQUIRE(history.best_epoch("val_loss", Mode::max) == 0u);
  REQUIRE_THROWS_AS(history.best_epoch("val_accuracy"), ValueError);
}

TEST_CASE("NaN and infinite epochs are never the best", "[train]") {
  History history;
  history.append({{"loss", kNaN}, {"accuracy", kInf}});
  history.append({{"loss", -kInf}, {"accuracy", 0.1}});
  REQUIRE_FALSE(history.best_epoch("loss").has_value());
  REQUIRE(history.best_epoch("accuracy") == 1u);
  history.append({{"loss", 3}});
  REQUIRE(history.best_epoch("loss") == 2u);
}

TEST_CASE("the direction of a monitor comes from its name or is asked for", "[train]") {
  for (const char* name : {"loss", "val_loss", "mse", "val_mean_absolute_error", "aux_loss",
                           "categorical_crossentropy"}) {
    INFO(name);
    REQUIRE(resolve_mode(name) == Mode::min);
    REQUIRE(resolve_mode(name, Mode::max) == Mode::max);
  }
  for (const char* name : {"acc", "val_acc", "val_accuracy", "top_3_accuracy", "auc", "val_f1"}) {
    INFO(name);
    REQUIRE(resolve_mode(name) == Mode::max);
  }
  REQUIRE_THROWS_WITH(resolve_mode("gloss"),
                      "monitor: cannot tell whether 'gloss' should rise or fall; set mode to "
                      "Mode::min or Mode::max");
}

TEST_CASE("an improvement is strict, by more than min_delta, and never a NaN", "[train]") {
  REQUIRE(improves(Mode::min, 0.9, 1));
  REQUIRE_FALSE(improves(Mode::min, 1, 1));
  REQUIRE_FALSE(improves(Mode::min, 0.75, 1, 0.25));
  REQUIRE(improves(Mode::max, 1.5, 1, 0.25));
  REQUIRE_FALSE(improves(Mode::max, 1.25, 1, 0.25));
  REQUIRE_FALSE(improves(Mode::max, kNaN, 1));
  REQUIRE_FALSE(improves(Mode::min, 1, kNaN));
}

TEST_CASE("history as JSON has one line an epoch, its keys in order, null for NaN and infinity",
          "[train]") {
  History history;
  history.append({{"loss", 1.5}, {"accuracy", 0.1}, {"learning_rate", 1e-4}}, 2.5);
  history.append({{"loss", kNaN}, {"accuracy", -kInf}}, 1);
  REQUIRE(history.json() ==
          "{\"epochs\":[\n"
          "{\"epoch\":1,\"loss\":1.5,\"accuracy\":0.1,\"learning_rate\":0.0001,\"seconds\":2.5},\n"
          "{\"epoch\":2,\"loss\":null,\"accuracy\":null,\"seconds\":1.0}\n"
          "]}\n");
  REQUIRE(History().json() == "{\"epochs\":[]}\n");
}

TEST_CASE("numbers in the JSON read back to the same double", "[train]") {
  History history;
  const std::vector<double> numbers = {1.0 / 3, 9.999999747378752e-05, 5e-324, 1.7e308, 0.1 + 0.2};
  for (double number : numbers) history.append({{"loss", number}}, number);
  const auto read = nlohmann::json::parse(history.json());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    REQUIRE(read["epochs"][i]["loss"].get<double>() == numbers[i]);
    REQUIRE(read["epochs"][i]["seconds"].get<double>() == numbers[i]);
  }
}

TEST_CASE("names with quotes or broken UTF-8 still give valid JSON", "[train]") {
  History history;
  history.append({{"a\"b\\", 1}, {"\xff", 2}});
  const auto read = nlohmann::json::parse(history.json());
  REQUIRE(read["epochs"][0]["a\"b\\"] == 1.0);
  REQUIRE(read["epochs"][0].size() == 4);
}

TEST_CASE("history files are whole or an error that names them", "[train]") {
  const test::TempDir dir;
  const History history = three_epochs();
  const std::string path = dir / "history.json";
  history.write_json(path);
  REQUIRE(io::read_file(path) == history.json());
  REQUIRE_FALSE(std::filesystem::exists(path + ".tmp"));
  REQUIRE_THROWS_AS(history.write_json(dir / "missing/history.json"), IoError);
  const std::string missing = dir / "missing/history.csv";
  REQUIRE_THROWS_WITH(history.write_csv(missing),
                      missing + ": cannot be written: No such file or directory");
}

TEST_CASE("history as CSV has a column for every name that ever occurred", "[train]") {
  const test::TempDir dir;
  three_epochs().write_csv(dir / "history.csv");
  REQUIRE(io::read_file(dir / "history.csv") ==
          "epoch,accuracy,loss,lr,val_loss\r\n"
          "0,0.25,1.5,NA,1.25\r\n1,0.5,1.0,NA,1.0\r\n2,0.75,0.5,0.001,1.0\r\n");
  History().write_csv(dir / "history.csv");
  REQUIRE(io::read_file(dir / "history.csv") == "");
}

TEST_CASE("history comes back from a State as it was, NaN and order included", "[train]") {
  History history = three_epochs();
  history.append({{"val_loss", kInf}, {"loss", 1.0 / 3}, {"a/b", -0.0}}, 1e-9);
  State state;
  history.save(state);
  History loaded;
  loaded.append({{"old", 1}});
  loaded.load(state);
  REQUIRE(loaded == history);

  History broken;
  broken.append({{"loss", kNaN}});
  State nan;
  broken.save(nan);
  loaded.load(nan);
  REQUIRE(std::isnan(loaded.values("loss").at(0)));
}

TEST_CASE("a State that lacks an epoch is refused and changes nothing", "[train]") {
  State state;
  three_epochs().save(state);
  state.set("epochs", 4);
  History history;
  history.append({{"loss", 7}});
  REQUIRE_THROWS_AS(history.load(state), ValueError);
  REQUIRE(history.values("loss") == std::vector<double>{7});
}
