#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mien/base/error.h"
#include "mien/data/image.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace mien {
namespace {

using Bytes = std::vector<std::uint8_t>;
using test::TempDir;

Image ramp(int height, int width, int channels) {
  Image image = make_image(height, width, channels);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = std::uint8_t(20 + i * 3);
  return image;
}

Bytes bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void put(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
}

Bytes encoded(const Image& image, const std::string& suffix) {
  const TempDir dir;
  write_image(dir / ("a" + suffix), image);
  return bytes_of(dir / ("a" + suffix));
}

TEST_CASE("PNG and BMP give back the very pixels", "[data]") {
  for (const int channels : {1, 2, 3, 4}) {
    const Image image = ramp(5, 7, channels);
    const Image back = read_image(encoded(image, ".png"));
    REQUIRE(back.height == 5);
    REQUIRE(back.width == 7);
    REQUIRE(back.channels == channels);
    REQUIRE(back.pixels == image.pixels);
  }
  const Image rgb = ramp(5, 7, 3);  // rows of 21 bytes: BMP pads them to 24
  REQUIRE(read_image(encoded(rgb, ".bmp")).pixels == rgb.pixels);
}

TEST_CASE("JPEG gives back the pixels nearly", "[data]") {
  Image image = make_image(16, 16, 1);
  for (std::size_t i = 0; i < 256; ++i)
    image.pixels[i] = std::uint8_t(20 + i % 16 * 8 + i / 16 * 4);
  const Image back = to_grayscale(read_image(encoded(image, ".jpg")));
  for (std::size_t i = 0; i < 256; ++i) {
    REQUIRE(std::abs(int(back.pixels[i]) - int(image.pixels[i])) <= 3);
  }
}

TEST_CASE("the content decides the format, not the suffix", "[data]") {
  const TempDir dir;
  const Image image = ramp(4, 4, 1);
  put(dir / "a.jpg", encoded(image, ".png"));
  REQUIRE(read_image(dir / "a.jpg").pixels == image.pixels);
}

TEST_CASE("no strict prefix of an image is taken for an image", "[data]") {
  for (const std::string suffix : {".png", ".jpg", ".bmp"}) {
    const Bytes whole = encoded(ramp(9, 8, 3), suffix);
    REQUIRE(read_image(whole).width == 8);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO(suffix << " cut to " << size << " of " << whole.size() << " bytes");
      REQUIRE_THROWS_AS(read_image(std::span(whole).first(size)), IoError);
    }
    const std::size_t half = whole.size() / 2;
    REQUIRE_THROWS_WITH(read_image(std::span(whole).first(half), "x"),
                        Contains("read_image: x: truncated"));
  }
}

TEST_CASE("bytes behind the image do no harm", "[data]") {
  for (const std::string suffix : {".png", ".jpg", ".bmp"}) {
    Bytes bytes = encoded(ramp(9, 8, 3), suffix);
    bytes.resize(bytes.size() + 5);
    REQUIRE(read_image(bytes).width == 8);
  }
}

TEST_CASE("the end marker of a JPEG's embedded thumbnail does not count", "[data]") {
  Bytes bytes = encoded(ramp(9, 8, 3), ".jpg");
  const Bytes app1{0xff, 0xe1, 0, 6, 'E', 'x', 0xff, 0xd9};
  bytes.insert(bytes.begin() + 2, app1.begin(), app1.end());
  REQUIRE(read_image(bytes).width == 8);
  bytes.resize(bytes.size() - 2);
  REQUIRE_THROWS_WITH(read_image(bytes), Contains("truncated JPEG"));
}

TEST_CASE("a changed byte gives an error or an image of sound size", "[data]") {
  std::uint32_t random = 1;
  for (const std::string suffix : {".png", ".jpg", ".bmp"}) {
    const Bytes whole = encoded(ramp(9, 8, 3), suffix);
    for (int i = 0; i < 1000; ++i) {
      Bytes bytes = whole;
      random = random * 1664525u + 1013904223u;
      bytes[random / 256 % bytes.size()] ^= std::uint8_t(1 + random / 7 % 255);
      try {
        const Image image = read_image(bytes);
        REQUIRE(std::size_t(image.height) * std::size_t(image.width) *
                    std::size_t(image.channels) ==
                image.pixels.size());
      } catch (const IoError&) {
        // Most changes end here, all of a PNG's.
      }
    }
  }
}

TEST_CASE("a JPEG's Huffman table of more than 256 symbols is refused", "[data]") {
  Bytes bytes = encoded(ramp(9, 8, 3), ".jpg");
  std::size_t table = 0;
  while (!(bytes[table] == 0xff && bytes[table + 1] == 0xc4)) ++table;
  for (std::size_t i = 0; i < 16; ++i) bytes[table + 5 + i] = 20;
  REQUIRE_THROWS_WITH(read_image(bytes), Contains("damaged JPEG (a Huffman table is wrong)"));
}

TEST_CASE("a PNG with a wrong checksum is damaged", "[data]") {
  Bytes bytes = encoded(ramp(9, 8, 3), ".png");
  bytes[bytes.size() - 20] ^= 1;  // in the pixel data
  REQUIRE_THROWS_WITH(read_image(bytes, "x.png"),
                      "read_image: x.png: damaged PNG (a checksum is wrong)");
}

TEST_CASE("sizes declared beyond reason are refused before memory is asked for", "[data]") {
  Bytes bytes = encoded(ramp(4, 4, 3), ".bmp");
  for (const std::size_t at : {18, 22}) bytes[at + 2] = 1;  // 65540 x 65540
  REQUIRE_THROWS_AS(read_image(bytes), IoError);
  Bytes no_pixels = encoded(ramp(4, 4, 3), ".bmp");
  no_pixels[18] = 0;
  REQUIRE_THROWS_AS(read_image(no_pixels), IoError);
  // A JPEG's header is not covered by a checksum or its own length.
  Bytes jpeg = encoded(ramp(4, 4, 3), ".jpg");
  std::size_t frame = 0;
  while (!(jpeg[frame] == 0xff && jpeg[frame + 1] == 0xc0)) ++frame;
  for (const std::size_t at : {5, 7}) jpeg[frame + at] = 0xff;
  REQUIRE_THROWS_WITH(read_image(jpeg), Contains("too large: 65284 x 65284 pixels"));
}

TEST_CASE("read_image names the file and the reason", "[data]") {
  const TempDir dir;
  put(dir / "empty.png", {});
  put(dir / "text.png", {'h', 'e', 'l', 'l', 'o'});
  REQUIRE_THROWS_WITH(read_image("no/such.png"),
                      "read_image: no/such.png: No such file or directory");
  REQUIRE_THROWS_WITH(read_image(dir.path()), Contains(": is a directory"));
  REQUIRE_THROWS_WITH(read_image(dir / "empty.png"), Contains("empty.png: the file is empty"));
  REQUIRE_THROWS_WITH(read_image(dir / "text.png"),
                      Contains("text.png: not a PNG, JPEG or BMP image"));
}

TEST_CASE("write_image refuses what it cannot write", "[data]") {
  const Image image = ramp(2, 2, 1);
  REQUIRE_THROWS_WITH(write_image("a.gif", image),
                      "write_image: a.gif: the suffix must be .png, .jpg, .jpeg or .bmp");
  REQUIRE_THROWS_WITH(write_image("a.b/c", image), Contains("the suffix must be"));
  REQUIRE_THROWS_WITH(write_image("no/such/a.png", image),
                      "write_image: no/such/a.png: No such file or directory");
  REQUIRE_THROWS_AS(write_image("a.png", Image{2, 2, 1, {1, 2, 3}}), ValueError);
  REQUIRE_THROWS_AS(write_image("a.jpg", image, {.jpeg_quality = 0}), ValueError);
}

TEST_CASE("an earlier file stays when the disk is full", "[data]") {
  const TempDir dir;
  write_image(dir / "a.bmp", ramp(2, 2, 3));
  const Bytes before = bytes_of(dir / "a.bmp");

  // A limit on the size of files fails in the same calls as a full disk does.
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_image(dir / "a.bmp", ramp(40, 40, 3));
  } catch (const IoError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &old);

  REQUIRE_THAT(message, Contains("a.bmp: File too large"));
  REQUIRE(bytes_of(dir / "a.bmp") == before);
  REQUIRE(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

}  // namespace
}  // namespace mien
