#include "lib/train/csv.h"

#include <limits>

#include "lib/io/file.h"
#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace mien;

TEST_CASE("CSV columns are sorted, and val_ ones are added where there are none", "[train]") {
  REQUIRE(csv_columns({"loss", "accuracy"}) ==
          std::vector<std::string>{"accuracy", "loss", "val_accuracy", "val_loss"});
  REQUIRE(csv_columns({"val_loss", "loss"}) == std::vector<std::string>{"loss", "val_loss"});
}

// The expected text is what keras 3's CSVLogger wrote for these logs.
TEST_CASE("CSV rows are those of Keras: CRLF, epochs from 0, NA, Python's numbers", "[train]") {
  const test::TempDir dir;
  CsvLog log(dir / "log.csv");
  log.write(0, {{"loss", 1.8099}, {"accuracy", 1}, {"learning_rate", 9.999999747378752e-05}});
  log.write(1, {{"loss", 1e22}, {"accuracy", 1e-5}});
  log.write(2, {{"loss", std::numeric_limits<double>::quiet_NaN()},
                {"accuracy", -std::numeric_limits<double>::infinity()},
                {"learning_rate", 1e-4},
                {"val_loss", 123456789},
                {"later", 5}});
  REQUIRE(io::read_file(dir / "log.csv") ==
          "epoch,accuracy,learning_rate,loss,val_accuracy,val_learning_rate,val_loss\r\n"
          "0,1.0,9.999999747378752e-05,1.8099,NA,NA,NA\r\n"
          "1,1e-05,NA,1e+22,NA,NA,NA\r\n"
          "2,-inf,0.0001,nan,NA,NA,123456789.0\r\n");
}

TEST_CASE("an appended CSV has one header, and a file begun anew holds nothing old", "[train]") {
  const test::TempDir dir;
  const std::string path = dir / "log.csv";
  CsvLog(path).write(0, {{"loss", 2}, {"val_loss", 3}});
  CsvLog(path, ',', true).write(1, {{"val_loss", 2.5}, {"loss", 1.5}});
  REQUIRE(io::read_file(path) == "epoch,loss,val_loss\r\n0,2.0,3.0\r\n1,1.5,2.5\r\n");
  CsvLog(path).write(0, {{"val_f1", 1}});
  REQUIRE(io::read_file(path) == "epoch,val_f1\r\n0,1.0\r\n");
}

TEST_CASE("appending to a missing or empty CSV writes the header", "[train]") {
  const test::TempDir dir;
  io::write_file(dir / "empty.csv", "");
  for (const char* name : {"missing.csv", "empty.csv"}) {
    CsvLog(dir / name, ',', true).write(4, {{"val_loss", 3}});
    REQUIRE(io::read_file(dir / name) == "epoch,val_loss\r\n4,3.0\r\n");
  }
}

TEST_CASE("a row cut short by a killed program is dropped before appending", "[train]") {
  const test::TempDir dir;
  const std::string path = dir / "log.csv";
  io::write_file(path, "epoch,loss,val_loss\r\n0,2.0,3.0\r\n1,1.");
  CsvLog(path, ',', true).write(1, {{"loss", 1.5}, {"val_loss", 2.5}});
  REQUIRE(io::read_file(path) == "epoch,loss,val_loss\r\n0,2.0,3.0\r\n1,1.5,2.5\r\n");
}

TEST_CASE("an appended CSV keeps the columns of its header", "[train]") {
  const test::TempDir dir;
  const std::string path = dir / "log.csv";
  io::write_file(path, "epoch,acc,\"a,b\",val_acc\n0,0.1,2,0.2\n");
  CsvLog(path, ',', true).write(1, {{"accuracy", 0.5}, {"a,b", 3}});
  REQUIRE(io::read_file(path) == "epoch,acc,\"a,b\",val_acc\n0,0.1,2,0.2\n1,0.5,3.0,NA\r\n");
  REQUIRE_THROWS_WITH(CsvLog(path, ',', true).write(2, {{"f1", 1}}), path + ": has no column 'f1'");
}

TEST_CASE("names are quoted where the separator or a quote is in them", "[train]") {
  const test::TempDir dir;
  CsvLog(dir / "log.csv", ';').write(0, {{"a;b", 1}, {"say \"hi\"", 2}, {"val_x,y", 3}});
  REQUIRE(io::read_file(dir / "log.csv") ==
          "epoch;\"a;b\";\"say \"\"hi\"\"\";val_x,y\r\n0;1.0;2.0;3.0\r\n");
}

TEST_CASE("a CSV log that cannot be written or appended to is named at once", "[train]") {
  const test::TempDir dir;
  const std::string missing = dir / "missing/log.csv", foreign = dir / "foreign.csv";
  REQUIRE_THROWS_WITH(CsvLog(missing), missing + ": cannot be written: No such file or directory");
  io::write_file(foreign, "hello\n");
  REQUIRE_THROWS_WITH(CsvLog(foreign, ',', true),
                      foreign + ": is no log of epochs to append to; its first line is 'hello'");
  REQUIRE_THROWS_WITH(CsvLog("/dev/full").write(0, {{"loss", 1}}),
                      "/dev/full: cannot be written: No space left on device");
}
