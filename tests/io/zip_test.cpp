#include "lib/io/zip.h"

#include <fstream>
#include <iterator>
#include <string>

#include "lib/io/json.h"
#include "mien/io/model.h"
#include "tests/io/formats.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace mien {
namespace {

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The one line that load_model() throws for a file, "" where it loads.
std::string load_error(const std::string& path) {
  try {
    io::load_model(path);
    return "";
  } catch (const IoError& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
}

std::string with_number(std::string bytes, std::size_t at, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes[at + std::size_t(i)] = char(value >> (8 * i));
  return bytes;
}

TEST_CASE("a zip archive gives back what was put in", "[io]") {
  need_formats();
  const std::string long_text(100000, 'x');
  const std::string bytes = io::zip_stored("a", {{"one", "1"}, {"empty", ""}, {"long", long_text}});
  const io::ZipReader zip("a", bytes);
  CHECK(zip.read("one") == "1");
  CHECK(zip.read("empty").empty());
  CHECK(zip.read("long") == long_text);
  CHECK_FALSE(zip.has("two"));
  CHECK_THROWS_WITH(zip.read("two"), "a: member 'two' is missing");
  CHECK(io::ZipReader("a", bytes + "a comment").read("one") == "1");
}

TEST_CASE("zip archives that lie are refused", "[io]") {
  need_formats();
  const std::string bytes = io::zip_stored("a", {{"one", "some content"}});
  const std::size_t central = bytes.find("PK\x01\x02"), end = bytes.find("PK\x05\x06");
  const auto error_of = [](const std::string& damaged) {
    try {
      io::ZipReader("a", damaged).read("one");
      return std::string();
    } catch (const IoError& error) {
      return std::string(error.what());
    }
  };
  CHECK_THAT(error_of(""), Contains("truncated zip archive"));
  CHECK_THAT(error_of(bytes.substr(0, bytes.size() - 1)), Contains("truncated zip archive"));
  CHECK_THAT(error_of(with_number(bytes, end + 10, 0xffff, 2)), Contains("zip64"));
  CHECK_THAT(error_of(with_number(bytes, end + 16, 0x7fffffff, 4)), Contains("damaged"));
  CHECK_THAT(error_of(with_number(bytes, central + 8, 1, 2)), Contains("encrypted"));
  CHECK_THAT(error_of(with_number(bytes, central + 10, 12, 2)), Contains("method 12"));
  CHECK_THAT(error_of(with_number(bytes, central + 20, 0x7fffffff, 4)), Contains("truncated"));
  // A few bytes that declare to become two gigabytes.
  CHECK_THAT(
      error_of(with_number(with_number(bytes, central + 24, 0x7fffffff, 4), central + 10, 8, 2)),
      Contains("declares more than it can hold"));
  CHECK_THAT(error_of(with_number(bytes, 35, 'X', 1)), Contains("checksum"));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(error_of(bytes.substr(0, size)).empty());
}

TEST_CASE("a damaged .keras file is one line or changes nothing that counts", "[io]") {
  need_formats();
  const test::TempDir dir;
  const std::string path = dir / "damaged.keras";
  for (const std::string name : {"keras_f_shared.keras", "tf_keras_f_functions.keras"}) {
    const std::string bytes = read_bytes(keras_fixture(name));
    for (int percent = 0; percent < 100; ++percent) {
      INFO(name << " to " << percent << "%");
      write_bytes(path, bytes.substr(0, bytes.size() * std::size_t(percent) / 100));
      CHECK_THAT(load_error(path), Contains("damaged.keras: "));
    }
    for (std::size_t at = 0; at < bytes.size(); at += 13) {
      std::string damaged = bytes;
      damaged[at] = char(damaged[at] ^ 0x5A);
      write_bytes(path, damaged);
      load_error(path);
    }
  }
}

TEST_CASE("descriptions that are deep, circular or odd are refused", "[io]") {
  need_formats();
  const test::TempDir dir;
  const auto error_of = [&dir](const std::string& config) {
    write_bytes(dir / "odd.keras",
                io::zip_stored("a", {{"config.json", config}, {"model.weights.h5", ""}}));
    return load_error(dir / "odd.keras");
  };
  CHECK_THAT(error_of(std::string(100000, '[')), Contains("nested too deeply"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += R"({"config":)";
  CHECK_THAT(error_of(deep), Contains("nested too deeply"));
  const auto functional = [&](const std::string& layers, const std::string& inputs = R"(["x",0,0])",
                              const std::string& outputs = R"(["a",0,0])") {
    return error_of(concat(
        R"({"class_name": "Functional", "config": {"name": "m", "layers": [{"class_name": )"
        R"("InputLayer", "name": "x", "config": {"batch_shape": [null, 3]}, "inbound_nodes": []})",
        layers, R"(], "input_layers": )", inputs, R"(, "output_layers": )", outputs, "}}"));
  };
  const auto dense = [](const std::string& name, const std::string& from) {
    return concat(R"(, {"class_name": "Dense", "name": ")", name, R"(", "config": {"name": ")",
                  name, R"(", "units": 2}, "inbound_nodes": [[[")", from, R"(", 0, 0, {}]]]})");
  };
  CHECK_THAT(functional(dense("a", "b") + dense("b", "a")), Contains("has a cycle"));
  CHECK_THAT(functional(dense("a", "a")), Contains("has a cycle"));
  CHECK_THAT(functional(dense("a", "c")), Contains("layer 'c' that it does not have"));
  CHECK_THAT(functional(dense("a", "x") + dense("a", "x")), Contains("two layers are named 'a'"));
  CHECK_THAT(functional(dense("a", "x"), "[]"), Contains("has a cycle or lacks an input"));
  CHECK_THAT(functional(dense("a", "x"), R"(["x",0,0])", R"(["a",7,0])"),
             Contains("output 'a' is never made"));
  CHECK_THAT(functional(dense("a", "x"), R"(["x",0,0])", "7"), Contains("odd.keras: "));
  CHECK_THAT(functional(dense("a", "x"), R"(["a",0,0])"), Contains("'a' is no InputLayer"));
  CHECK_THAT(functional(R"(, {"class_name": "Lambda", "name": "a", "config": {"name": "a"}, )"
                        R"("inbound_nodes": [[["x", 0, 0, {}]]]})"),
             Contains("unknown layer 'Lambda' ('a')") && Contains("register_layer"));
  CHECK_THAT(functional(R"(, {"class_name": "TFOpLambda", "name": "a", "config": {"name": "a", )"
                        R"("function": "signal.fft"}, "inbound_nodes": [["x", 0, 0, {}]]})"),
             Contains("calls the function signal.fft, which is not read"));
  CHECK_THAT(functional(R"(, {"class_name": "Dense", "name": "a", "config": {"name": "a", )"
                        R"("units": 2, "kernel_constraint": {"class_name": "MaxNorm"}}, )"
                        R"("inbound_nodes": [[["x", 0, 0, {}]]]})"),
             Contains("layer 'a': kernel_constraint is not supported"));
}

}  // namespace
}  // namespace mien
