#include "folders.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "faces.h"
#include "mien/base/error.h"

namespace fer {

using namespace mien;
namespace fs = std::filesystem;

namespace {

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// DIR or DIR/images, whichever holds train/.
std::string root_of(const std::string& data) {
  MIEN_CHECK(is_folder(data), IoError, "--data ", data, ": no such folder");
  for (const std::string& root : {data, data + "/images"})
    if (is_folder(root + "/train")) return root;
  throw IoError("--data " + data + ": holds neither train/ nor images/train/");
}

std::string validation_of(const std::string& root) {
  for (const char* part : {"/validation", "/test"})
    if (is_folder(root + part)) return root + part;
  throw IoError("--data " + root + ": holds neither validation/ nor test/");
}

ImageFolder open(const std::string& path) {
  ImageFolder folder(path, {.color_mode = ColorMode::grayscale, .image_size = {48, 48}});
  for (const SkippedImage& bad : folder.skipped())
    std::printf("Skipped %s: %s\n", bad.path.c_str(), bad.reason.c_str());
  if (!folder.skipped().empty())
    std::printf("Skipped %zu of the files in %s, which are no usable images.\n",
                folder.skipped().size(), path.c_str());
  std::printf("Found %lld images belonging to %zu classes.\n",
              static_cast<long long>(folder.size()), folder.class_names().size());
  return folder;
}

}  // namespace

Folders open_folders(const Options& options) {
  std::string root = options.data;
  if (root.empty()) {
    root = options.out + "/faces";
    if (!is_folder(root)) {
      std::printf("No --data given: drawing faces into %s\n", root.c_str());
      const std::string unfinished =
          root + ".tmp";  // a drawing that was cut short is not taken for a whole one
      fs::remove_all(unfinished);
      write_faces(unfinished);
      fs::rename(unfinished, root);
    }
  }
  root = root_of(root);
  Folders folders{open(root + "/train"), open(validation_of(root))};
  MIEN_CHECK(folders.train.class_names() == folders.validation.class_names(), ValueError, root,
             ": training and validation have different classes");
  if (options.limit > 0) {
    const std::int64_t few = std::max<std::int64_t>(1, options.limit / 8);
    folders.train = folders.train.take(options.limit, options.seed);
    folders.validation = folders.validation.take(few, options.seed);
    std::printf("Kept %lld training and %lld validation images (--limit %lld).\n",
                static_cast<long long>(folders.train.size()),
                static_cast<long long>(folders.validation.size()),
                static_cast<long long>(options.limit));
  }
  return folders;
}

}  // namespace fer
