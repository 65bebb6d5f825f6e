#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/args_image.h"
#include "mien/data/data_loader.h"

namespace mien::detail {

/// Bytes that one worker needs to prepare a sample: a buffer for each field that is converted.
using SampleScratch = std::vector<std::vector<std::byte>>;

/// What the images of a batch are: f32 and ready, or as the dataset has them, with Batch::changes.
enum class Images : std::uint8_t { finished, as_read };

/// From a sample of the dataset to a row of a batch: read, augment, standardize, convert.
class SamplePipeline {
 public:
  /// Throws as DataLoader's constructor.
  SamplePipeline(const Dataset& dataset, const DataLoaderOptions& options);

  /// A batch of n uninitialized rows.
  Batch allocate(std::int64_t n, Images images) const;
  SampleScratch scratch() const;
  Shapes input_shapes() const;
  /// What all images are changed by; without their sizes and places.
  AugmentArgs image_args() const { return image_args_; }
  /// Whether images that are left as read have anything left to do.
  bool has_images() const;

  /// Writes sample i, as it is in this epoch, into row `row` of batch, allocated for such images.
  void fill(std::int64_t i, std::int64_t epoch, std::int64_t row, Batch& batch,
            SampleScratch& scratch, Images images) const;

 private:
  enum class Change : std::uint8_t { none, image, floats, one_hot, ints };
  struct Step {
    Field in, out;
    Change change = Change::none;
    bool direct = false;  // the dataset writes into the batch itself
  };
  Step input_step(const Field& field) const;
  Step target_step(const Field& field) const;
  bool left(const Step& step, Images images) const;
  ImageChange change_of(const Step& step, const PhiloxStream& random) const;
  void convert(const Step& step, const std::byte* from, std::byte* to,
               const PhiloxStream& random) const;

  const Dataset& dataset_;
  AugmentOptions augment_;
  bool augments_;
  StandardizeOptions standardize_;
  AugmentArgs image_args_;
  Labels labels_;
  std::uint64_t seed_;
  std::vector<Step> inputs_, targets_;
  bool weighted_;
};

}  // namespace mien::detail
