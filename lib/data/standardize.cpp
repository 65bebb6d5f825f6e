#include "mien/data/standardize.h"

#include "lib/core/kernels_for.h"
#include "lib/data/image_change.h"
#include "mien/base/error.h"

namespace mien {

void standardize(const StandardizeOptions& options, std::span<float> image) {
  MIEN_CHECK(image.size() < std::size_t(1) << 31, ShapeError,
             "standardize: an image has less than 2^31 values; got ", image.size());
  const ImageChange change = detail::no_change();
  AugmentArgs args = detail::augment_args({}, options);
  args.n = args.h = args.oh = args.c = 1;
  args.w = args.ow = int(image.size());
  args.from = DType::f32;
  args.x = args.y = image.data();
  args.changes = &change;
  kernels_for(kCpu, DType::f32).augment(args, nullptr);
}

}  // namespace mien
