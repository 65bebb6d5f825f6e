#include "mien/data/image_folder.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "mien/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace mien {
namespace {

namespace fs = std::filesystem;
using Counts = std::vector<std::int64_t>;
using Names = std::vector<std::string>;
using test::TempDir;

/// Writes images of one gray value; the value tells them apart.
class Folder {
 public:
  Folder& image(const std::string& name, std::uint8_t value, int size = 6, int channels = 1) {
    fs::create_directories(fs::path(dir_ / name).parent_path());
    write_image(dir_ / name, make_image(size, size, channels, value));
    return *this;
  }
  Folder& text(const std::string& name, const std::string& content) {
    fs::create_directories(fs::path(dir_ / name).parent_path());
    std::ofstream(dir_ / name) << content;
    return *this;
  }
  ImageFolder open(ImageFolderOptions options = {.color_mode = ColorMode::grayscale,
                                                 .image_size = {4, 4}}) const {
    return ImageFolder(dir_.path(), options);
  }
  const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
};

/// The first pixel and the label of a sample.
std::pair<int, int> sample(const ImageFolder& folder, std::int64_t i) {
  const std::int64_t count = folder.fields().inputs[0].shape.numel();
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count));
  std::int32_t label = -1;
  folder.read(i, std::array<std::span<std::byte>, 2>{std::as_writable_bytes(std::span(pixels)),
                                                     std::as_writable_bytes(std::span(&label, 1))});
  return {pixels[0], label};
}

TEST_CASE("classes are the folders in bytewise order, images follow by folder and name", "[data]") {
  Folder files;
  files.image("sad/b.png", 10).image("sad/a.BMP", 20, 6, 3).image("sad/deep/c.png", 30);
  files.image("Zebra/z.png", 40).image("sad/deep.png", 50).text("readme.txt", "x");
  for (const bool stream : {false, true}) {
    const ImageFolder folder =
        files.open({.color_mode = ColorMode::grayscale, .image_size = {4, 4}, .stream = stream});
    REQUIRE(folder.class_names() == Names{"Zebra", "sad"});
    REQUIRE(folder.class_counts() == Counts{1, 4});
    REQUIRE(folder.skipped().empty());
    REQUIRE(sample(folder, 0) == std::pair{40, 0});
    REQUIRE(sample(folder, 1) == std::pair{20, 1});
    REQUIRE(sample(folder, 2) == std::pair{10, 1});
    REQUIRE(sample(folder, 3) == std::pair{50, 1});
    REQUIRE(sample(folder, 4) == std::pair{30, 1});
    REQUIRE(folder.path(4) == files.dir() / "sad/deep/c.png");
  }
}

TEST_CASE("an image folder says what a sample is", "[data]") {
  Folder files;
  files.image("a/1.png", 1).image("b/1.png", 2);
  const ImageFolder folder = files.open({.image_size = {5, 7}});
  REQUIRE(folder.fields().inputs == std::vector<Field>{{"image", DType::u8, {5, 7, 3}}});
  REQUIRE(folder.fields().targets == std::vector<Field>{{"label", DType::i32, {}, 2}});
}

TEST_CASE("files that are no images are named and skipped, others are left alone", "[data]") {
  Folder files;
  files.image("a/good.png", 1).image("a/z.png", 2).image("b/good.png", 3);
  files.text("a/text.jpg", "no image").text("b/empty.bmp", "").text("a/notes.txt", "x");
  fs::copy_file(files.dir() / "a/good.png", files.dir() / "b/also.jpg");  // PNG by its content
  fs::resize_file(files.dir() / "a/z.png", fs::file_size(files.dir() / "a/z.png") / 2);
  fs::create_symlink("nowhere", files.dir() / "b/link.png");
  files.image(".hidden/a.png", 1).text("a/._good.png", "x");

  const ImageFolder folder = files.open();
  REQUIRE(folder.class_names() == Names{"a", "b"});
  REQUIRE(folder.class_counts() == Counts{1, 2});
  std::vector<std::string> skipped;
  for (const SkippedImage& s : folder.skipped()) {
    skipped.push_back(s.path.substr(files.dir().path().size() + 1) + ": " + s.reason);
  }
  REQUIRE(skipped == Names{"a/text.jpg: not a PNG, JPEG or BMP image", "a/z.png: truncated PNG",
                           "b/empty.bmp: the file is empty",
                           "b/link.png: No such file or directory"});
  REQUIRE(sample(folder, 1) == std::pair{1, 1});
  REQUIRE(sample(folder, 2) == std::pair{3, 1});
}

TEST_CASE("a folder that gives no images for a class is refused", "[data]") {
  Folder files;
  REQUIRE_THROWS_WITH(ImageFolder("no/such"), "image folder: no/such: no such folder");
  REQUIRE_THROWS_WITH(files.open(), Contains(": has no class folders in it"));
  files.image("a/1.png", 1).text("b/c.txt", "x");
  REQUIRE_THROWS_WITH(files.open(), Contains("/b: has no png, jpg, jpeg or bmp file in it"));
  files.text("b/1.png", "x");
  REQUIRE_THROWS_WITH(files.open(), Contains("/b: none of its images can be read; the first, ") &&
                                        Contains("/b/1.png: not a PNG, JPEG or BMP image"));
  REQUIRE_THROWS_WITH(ImageFolder(files.dir() / "a/1.png"), Contains(": is not a folder"));
  REQUIRE_THROWS_AS(files.open({.image_size = {0, 4}}), ValueError);
}

TEST_CASE("a streamed image that is gone is an error when it is read", "[data]") {
  Folder files;
  files.image("a/1.png", 1);
  const ImageFolder folder = files.open({.stream = true});
  fs::remove(files.dir() / "a/1.png");
  REQUIRE_THROWS_WITH(sample(folder, 0), Contains("a/1.png: No such file or directory"));
}

TEST_CASE("take keeps the first of a seeded shuffle, in the folder's order", "[data]") {
  Folder files;
  for (int i = 0; i < 40; ++i) {
    files.image((i < 20 ? "a/" : "b/") + std::to_string(100 + i) + ".png", std::uint8_t(i));
  }
  const ImageFolder all = files.open();
  const ImageFolder part = all.take(10, 7), more = all.take(11, 7), other = all.take(10, 8);
  REQUIRE(part.size() == 10);
  REQUIRE(part.class_names().size() == 2);
  std::set<int> mine, theirs, larger;
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto [value, label] = sample(part, i);
    REQUIRE(label == (value < 20 ? 0 : 1));
    REQUIRE((mine.empty() || value > *mine.rbegin()));
    mine.insert(value);
    theirs.insert(sample(other, i).first);
  }
  for (std::int64_t i = 0; i < 11; ++i) larger.insert(sample(more, i).first);
  REQUIRE(mine.size() == 10);
  REQUIRE(mine != theirs);
  REQUIRE(std::includes(larger.begin(), larger.end(), mine.begin(), mine.end()));
  REQUIRE(all.take(50, 7).size() == 40);
  REQUIRE_THROWS_AS(all.take(0, 7), ValueError);
}

TEST_CASE("the real folders are read whole", "[data]") {
  const char* path = std::getenv("MIEN_FER_DATA");
  if (!path) MIEN_SKIP("MIEN_FER_DATA does not name the folder that holds train and validation");
  const ImageFolderOptions options{.color_mode = ColorMode::grayscale};
  const ImageFolder train(std::string(path) + "/train", options);
  const ImageFolder validation(std::string(path) + "/validation", options);
  REQUIRE(train.size() == 28709);
  REQUIRE(train.class_names() ==
          Names{"angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"});
  REQUIRE(train.class_counts() == Counts{3995, 436, 4097, 7215, 4965, 4830, 3171});
  REQUIRE(validation.class_counts() == Counts{467, 56, 496, 895, 607, 653, 415});
  REQUIRE(train.skipped().empty());
  REQUIRE(validation.skipped().empty());
}

}  // namespace
}  // namespace mien
