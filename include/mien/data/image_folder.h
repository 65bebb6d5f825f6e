#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mien/data/dataset.h"
#include "mien/data/image.h"

namespace mien {

/// What images are turned into: one channel or three.
enum class ColorMode : std::uint8_t { grayscale, rgb };

/// The names of Keras's flow_from_directory.
struct ImageFolderOptions {
  ColorMode color_mode = ColorMode::rgb;
  std::array<int, 2> image_size{48, 48};  // height, width
  Interpolation interpolation = Interpolation::nearest;
  bool stream = false;  // read each file again when it is asked for, instead of keeping its pixels
};

/// A file that is no usable image.
struct SkippedImage {
  std::string path{};
  std::string reason{};
};

/// Labelled images from the layout path/CLASS/**/IMAGE: each folder is a class, numbered in the
/// bytewise order of their names; its images are all files below it that end in .png, .jpg, .jpeg
/// or .bmp (in any case), ordered by folder and name. Names that begin with a dot are left out.
/// Every image is read once here, on all cores; one that cannot be is listed in skipped(). A sample
/// is the input "image", u8 [H, W, C], and the target "label", a class number.
///
/// ```cpp
/// ImageFolder faces("images/train", {.color_mode = ColorMode::grayscale, .image_size = {48, 48}});
/// for (const SkippedImage& bad : faces.skipped()) {
///   std::string line = bad.path + ": " + bad.reason;
/// }
/// ```
class ImageFolder : public Dataset {
 public:
  /// Throws IoError where the folder is missing or unreadable, has no class folders, or a class is
  /// left with no image.
  explicit ImageFolder(const std::string& path, const ImageFolderOptions& options = {});

  const Fields& fields() const override { return fields_; }
  std::int64_t size() const override { return std::int64_t(samples_.size()); }
  /// Throws IoError where a streamed image can no longer be read.
  void read(std::int64_t i, std::span<const std::span<std::byte>> into) const override;

  /// The folders' names; the class numbers count them.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// Images of each class.
  std::vector<std::int64_t> class_counts() const;
  /// Class and file of sample i. Throw std::out_of_range where there is none.
  int label(std::int64_t i) const { return samples_.at(std::size_t(i)).label; }
  const std::string& path(std::int64_t i) const { return samples_.at(std::size_t(i)).path; }
  /// What could not be read, in the order of the files.
  const std::vector<SkippedImage>& skipped() const { return skipped_; }
  const ImageFolderOptions& options() const { return options_; }

  /// The first n samples of a shuffle by seed (all where there are fewer), in the folder's order.
  /// Shares the pixels. All classes stay, also such that got no sample. Throws ValueError unless n
  /// is positive.
  ImageFolder take(std::int64_t n, std::uint64_t seed) const;

 private:
  struct Sample {
    std::string path;
    int label = 0;
    std::int64_t row = 0;  // of pixels_
  };
  void find(const std::string& path);
  void load();
  void check(const std::string& path) const;
  std::size_t image_bytes() const;

  ImageFolderOptions options_;
  Fields fields_;
  std::vector<std::string> class_names_;
  std::vector<Sample> samples_;
  std::vector<SkippedImage> skipped_;
  std::shared_ptr<std::vector<std::uint8_t>> pixels_;  // [files, H, W, C]; empty when streaming
};

}  // namespace mien
