#pragma once

#include <string>

#include "mien/data/image_folder.h"
#include "options.h"

namespace fer {

/// The images of a run.
struct Folders {
  mien::ImageFolder train, validation;
};

/// Opens the folders that --data names, or those of the drawn faces, which are made in OUT/faces
/// where missing. Says what was found, skipped and kept. Throws IoError where a folder is missing
/// or holds no images, ValueError where both parts differ in their classes.
Folders open_folders(const Options& options);

}  // namespace fer
