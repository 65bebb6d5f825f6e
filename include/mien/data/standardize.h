#pragma once

#include <span>

namespace mien {

/// What every image gets, for training and validation alike, after any augmentation. Names and
/// order are those of Keras's ImageDataGenerator.
struct StandardizeOptions {
  double rescale = 1;                         // factor, e.g. 1.0 / 255
  bool samplewise_center = false;             // subtracts the image's mean
  bool samplewise_std_normalization = false;  // divides by the image's standard deviation + 1e-6
};

/// Changes one image in place: rescale, then centre, then divide. The deviation is the population's
/// (divided by n), over all pixels and channels, as in Keras. Throws ShapeError from 2^31 values
/// on.
void standardize(const StandardizeOptions& options, std::span<float> image);

}  // namespace mien
