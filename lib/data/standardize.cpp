#include "mien/data/standardize.h"

#include <cmath>

namespace mien {

void standardize(const StandardizeOptions& options, std::span<float> image) {
  if (options.rescale != 1) {
    const float factor = float(options.rescale);
    for (float& value : image) value *= factor;
  }
  if (!(options.samplewise_center || options.samplewise_std_normalization) || image.empty()) return;

  double sum = 0;
  for (const float value : image) sum += value;
  const double mean = sum / double(image.size());
  double squares = 0;
  for (const float value : image) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / double(image.size()));

  const float offset = options.samplewise_center ? float(mean) : 0.0f;
  const float scale = options.samplewise_std_normalization ? float(1 / (deviation + 1e-6)) : 1.0f;
  for (float& value : image) value = (value - offset) * scale;
}

}  // namespace mien
