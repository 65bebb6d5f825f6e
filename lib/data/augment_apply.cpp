#include <cstddef>

#include "lib/core/kernels_for.h"
#include "lib/data/image_change.h"
#include "mien/base/error.h"

namespace mien {
namespace {

bool erases_inside(const AugmentPlan& p) {
  return p.erase_top >= 0 && p.erase_left >= 0 && p.erase_height > 0 && p.erase_width >= 0 &&
         p.erase_height <= p.out_height - p.erase_top &&
         p.erase_width <= p.out_width - p.erase_left;
}

template <class T>
void apply(const AugmentPlan& plan, std::span<const T> in, std::span<float> out) {
  const std::size_t in_pixels = std::size_t(plan.height) * std::size_t(plan.width);
  const std::size_t out_pixels = std::size_t(plan.out_height) * std::size_t(plan.out_width);
  const std::size_t channels = in_pixels > 0 ? in.size() / in_pixels : 0;
  MIEN_CHECK(
      channels > 0 && in.size() == in_pixels * channels && out.size() == out_pixels * channels,
      ShapeError, "augment: a plan from ", plan.height, " x ", plan.width, " to ", plan.out_height,
      " x ", plan.out_width, " pixels does not fit buffers of ", in.size(), " and ", out.size(),
      " values");
  MIEN_CHECK(plan.erase_height == 0 || erases_inside(plan), ShapeError,
             "augment: the erased rectangle, ", plan.erase_height, " x ", plan.erase_width, " at (",
             plan.erase_top, ", ", plan.erase_left, "), is not inside ", plan.out_height, " x ",
             plan.out_width, " pixels");
  const ImageChange change = detail::image_change(plan);
  kernels_for(kCpu, DType::f32)
      .augment({.n = 1,
                .h = plan.height,
                .w = plan.width,
                .c = int(channels),
                .oh = plan.out_height,
                .ow = plan.out_width,
                .from = dtype_of<T>(),
                .x = in.data(),
                .changes = &change,
                .y = out.data(),
                .fill = plan.fill_mode,
                .cval = float(plan.cval),
                .erase_value = float(plan.erase_value),
                .rescale = 1,
                .center = false,
                .divide = false,
                .shifts = change.channel_shift != 0},
               nullptr);
}

}  // namespace

void apply_augmentation(const AugmentPlan& plan, std::span<const std::uint8_t> in,
                        std::span<float> out) {
  apply(plan, in, out);
}

void apply_augmentation(const AugmentPlan& plan, std::span<const float> in, std::span<float> out) {
  apply(plan, in, out);
}

}  // namespace mien
