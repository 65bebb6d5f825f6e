#include "mien/data/image_folder.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <new>
#include <tuple>

#include "kernels/parallel.h"
#include "lib/data/image_check.h"
#include "lib/data/permutation.h"
#include "mien/base/error.h"

namespace mien {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path& path) { return path.filename().string().front() == '.'; }

bool names_image(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return suffix == ".png" || suffix == ".jpg" || suffix == ".jpeg" || suffix == ".bmp";
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code broken_link;
  return entry.is_directory(broken_link);
}

/// Image files below a class folder, by folder, then name, both bytewise.
std::vector<std::string> image_files(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::end(it); ++it) {
    if (hidden(it->path())) {
      it.disable_recursion_pending();
    } else if (!is_folder(*it) && names_image(it->path())) {
      found.emplace_back(it->path().parent_path().string(), it->path().filename().string());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> files;
  for (const auto& [parent, name] : found) files.push_back(parent + "/" + name);
  return files;
}

/// Colour and size as asked for; false and the reason where the file is no image, or one that there
/// is no memory for.
bool prepared_image(const std::string& path, const ImageFolderOptions& options, Image& image,
                    std::string& reason) try {
  if (!detail::try_read_image(path, image, reason)) return false;
  image = options.color_mode == ColorMode::grayscale ? to_grayscale(image) : to_rgb(image);
  image = resize(image, options.image_size[0], options.image_size[1], options.interpolation);
  return true;
} catch (const std::bad_alloc&) {
  reason = "too large for the memory that is free";
  return false;
}

}  // namespace

ImageFolder::ImageFolder(const std::string& path, const ImageFolderOptions& options)
    : options_(options) {
  MIEN_CHECK(options.image_size[0] > 0 && options.image_size[1] > 0, ValueError,
             "image folder: image_size must be positive; got ", options.image_size[0], " x ",
             options.image_size[1]);
  try {
    find(path);
  } catch (const fs::filesystem_error& error) {
    throw IoError(concat("image folder: ", error.path1().string(), ": ", error.code().message()));
  }
  load();
  check(path);
  const Shape shape{options_.image_size[0], options_.image_size[1],
                    options_.color_mode == ColorMode::grayscale ? 1 : 3};
  fields_.inputs = {{"image", DType::u8, shape}};
  fields_.targets = {{"label", DType::i32, {}, std::int64_t(class_names_.size())}};
}

void ImageFolder::find(const std::string& path) {
  MIEN_CHECK(fs::exists(path), IoError, "image folder: ", path, ": no such folder");
  MIEN_CHECK(fs::is_directory(path), IoError, "image folder: ", path, ": is not a folder");
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    if (is_folder(entry) && !hidden(entry.path())) {
      class_names_.push_back(entry.path().filename().string());
    }
  }
  MIEN_CHECK(!class_names_.empty(), IoError, "image folder: ", path,
             ": has no class folders in it");
  std::sort(class_names_.begin(), class_names_.end());
  for (std::size_t label = 0; label < class_names_.size(); ++label) {
    for (std::string& file : image_files(fs::path(path) / class_names_[label])) {
      samples_.push_back({std::move(file), int(label)});
    }
  }
}

void ImageFolder::load() {
  pixels_ = std::make_shared<std::vector<std::uint8_t>>();
  if (!options_.stream) pixels_->resize(samples_.size() * image_bytes());
  std::vector<std::string> reasons(samples_.size());
  parallel_for(std::int64_t(samples_.size()), [&](std::int64_t i) {
    Image image;
    const std::size_t at = std::size_t(i);
    if (!prepared_image(samples_[at].path, options_, image, reasons[at]) || options_.stream) return;
    std::copy(image.pixels.begin(), image.pixels.end(),
              pixels_->begin() + std::ptrdiff_t(at * image_bytes()));
  });

  std::vector<Sample> good;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    samples_[i].row = std::int64_t(i);
    if (reasons[i].empty()) {
      good.push_back(std::move(samples_[i]));
    } else {
      skipped_.push_back({std::move(samples_[i].path), std::move(reasons[i])});
    }
  }
  samples_ = std::move(good);
}

void ImageFolder::check(const std::string& path) const {
  const std::vector<std::int64_t> counts = class_counts();
  for (std::size_t label = 0; label < counts.size(); ++label) {
    if (counts[label] > 0) continue;
    const std::string folder = path + "/" + class_names_[label];
    const auto first = std::find_if(skipped_.begin(), skipped_.end(), [&](const SkippedImage& s) {
      return s.path.compare(0, folder.size() + 1, folder + "/") == 0;
    });
    MIEN_CHECK(first != skipped_.end(), IoError, "image folder: ", folder,
               ": has no png, jpg, jpeg or bmp file in it");
    throw IoError(concat("image folder: ", folder, ": none of its images can be read; the first, ",
                         first->path, ": ", first->reason));
  }
}

std::size_t ImageFolder::image_bytes() const {
  return std::size_t(options_.image_size[0]) * std::size_t(options_.image_size[1]) *
         (options_.color_mode == ColorMode::grayscale ? 1 : 3);
}

void ImageFolder::read(std::int64_t i, std::span<const std::span<std::byte>> into) const {
  const Sample& sample = samples_.at(std::size_t(i));
  const std::int32_t label = sample.label;
  std::memcpy(into[1].data(), &label, sizeof label);
  if (!options_.stream) {
    std::memcpy(into[0].data(), pixels_->data() + std::size_t(sample.row) * image_bytes(),
                image_bytes());
    return;
  }
  Image image;
  std::string reason;
  MIEN_CHECK(prepared_image(sample.path, options_, image, reason), IoError,
             "image folder: ", sample.path, ": ", reason);
  std::memcpy(into[0].data(), image.pixels.data(), image_bytes());
}

std::vector<std::int64_t> ImageFolder::class_counts() const {
  std::vector<std::int64_t> counts(class_names_.size());
  for (const Sample& sample : samples_) ++counts[std::size_t(sample.label)];
  return counts;
}

ImageFolder ImageFolder::take(std::int64_t n, std::uint64_t seed) const {
  MIEN_CHECK(n > 0, ValueError, "image folder: take needs a positive number; got ", n);
  ImageFolder part = *this;
  if (n >= size()) return part;
  std::vector<std::int64_t> chosen = detail::permutation(size(), seed + detail::kSubsetSalt, 0);
  chosen.resize(std::size_t(n));
  std::sort(chosen.begin(), chosen.end());
  part.samples_.clear();
  for (const std::int64_t i : chosen) part.samples_.push_back(samples_[std::size_t(i)]);
  return part;
}

}  // namespace mien
