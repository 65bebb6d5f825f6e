#pragma once

#include "kernels/args_image.h"
#include "mien/base/shape.h"
#include "mien/data/augment.h"
#include "mien/data/standardize.h"

namespace mien::detail {

/// A plan as kernels take it.
ImageChange image_change(const AugmentPlan& plan);
/// Of an image that stays as it is.
ImageChange no_change();

/// What images of a batch share: `shifts` where any may. The rest, sizes and pointers, is empty.
AugmentArgs augment_args(const AugmentOptions& augment, const StandardizeOptions& standardize);
/// Of n images; in and out are one's shapes, [H, W, C].
void set_sizes(AugmentArgs& args, std::int64_t n, const Shape& in, const Shape& out);

}  // namespace mien::detail
