#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "lib/data/image_change.h"
#include "tests/support/catch.h"
#include "tests/support/cuda_twin.h"
#include "tests/support/settings.h"
#include "tests/support/values.h"

namespace mien {
namespace {

// Images on their way through the kernel: n of h x w x c to oh x ow x c.
struct Size {
  int n, h, w, c, oh, ow;
};
constexpr Size kSizes[] = {{1, 1, 1, 1, 1, 1},  {3, 1, 6, 1, 1, 9},  {2, 6, 1, 3, 4, 1},
                           {2, 7, 5, 3, 9, 4},  {3, 12, 9, 4, 7, 9}, {1, 48, 48, 1, 48, 48},
                           {2, 11, 6, 1, 11, 6}};

const AugmentOptions kAll{.rotation_range = 40,
                          .width_shift_range = 0.2,
                          .height_shift_range = 0.2,
                          .shear_range = 15,
                          .zoom_range = {0.7, 1.4},
                          .horizontal_flip = true,
                          .vertical_flip = true,
                          .cval = 300,
                          .erasing = {.probability = 0.6, .value = 9}};

AugmentOptions cropped(AugmentOptions options, const Size& size) {
  options.crop = {.height = size.oh, .width = size.ow, .padding = 3};
  return options;
}

std::vector<ImageChange> drawn(const AugmentOptions& options, const Size& size) {
  std::vector<ImageChange> changes;
  for (int i = 0; i < size.n; ++i) {
    PhiloxStream random(7, std::uint64_t(i));
    changes.push_back(detail::image_change(draw_augmentation(options, size.h, size.w, random)));
  }
  return changes;
}

Tensor as_bytes(const std::vector<ImageChange>& changes) {
  Tensor bytes =
      Tensor::empty({std::int64_t(changes.size() * sizeof(ImageChange))}, {.dtype = DType::u8});
  if (!changes.empty())
    std::memcpy(bytes.raw(), changes.data(), changes.size() * sizeof changes[0]);
  return bytes;
}

Tensor noise(const Size& s, DType dtype) {
  return random_tensor({s.n, s.h, s.w, s.c}, 3, 0, 256, DType::f32).to(DType::u8).to(dtype);
}

// What differs from the CPU, "" where nothing does. The portable kernel of the CPU is compared
// with: those for vectors round places to some 1e-6 pixels.
std::string compared(const Size& size, const std::vector<ImageChange>& changes,
                     const Tensor& images, AugmentArgs args, const TwinOptions& options = {}) {
  const KeepSettings keep;
  set_cpu_isa("base");
  return twin(
      {images, as_bytes(changes), unwritten({size.n, size.oh, size.ow, size.c}).to(DType::f32)},
      [&](const KernelTable& k, void* const* b, StreamHandle stream) {
        detail::set_sizes(args, size.n, {size.h, size.w, size.c}, {size.oh, size.ow, size.c});
        args.from = images.dtype();
        args.x = b[0];
        args.changes = static_cast<const ImageChange*>(b[1]);
        args.y = static_cast<float*>(b[2]);
        k.augment(args, stream);
      },
      options);
}

TEST_CASE("images of a batch are moved and erased as on the CPU", "[cuda]") {
  for (const Size& size : kSizes) {
    for (const DType dtype : {DType::u8, DType::f32}) {
      for (int fill = 0; fill < 4; ++fill) {
        CAPTURE(size.n, size.h, size.w, size.c, fill, name_of(dtype));
        AugmentOptions options = cropped(kAll, size);
        options.fill_mode = FillMode(fill);
        REQUIRE(compared(size, drawn(options, size), noise(size, dtype),
                         detail::augment_args(options, {.rescale = 1.0 / 255})) == "");
      }
    }
  }
}

struct Whole {
  bool center, divide;
  double shift;
};

TEST_CASE("channel shift, mean and deviation of each image are the CPU's", "[cuda]") {
  for (const Size& size : kSizes) {
    for (const auto [center, divide, shift] : {Whole{false, false, 60}, Whole{true, false, 0},
                                               Whole{false, true, 0}, Whole{true, true, 60}}) {
      CAPTURE(size.n, size.h, size.w, size.c, center, divide, shift);
      AugmentOptions options = cropped(kAll, size);
      options.channel_shift_range = shift;
      const StandardizeOptions standardize{.rescale = 1.0 / 255,
                                           .samplewise_center = center,
                                           .samplewise_std_normalization = divide};
      REQUIRE(compared(size, drawn(options, size), noise(size, DType::u8),
                       detail::augment_args(options, standardize)) == "");
    }
  }
}

TEST_CASE("a large image is warped as exactly as a small one", "[cuda]") {
  const Size size{1, 224, 224, 1, 224, 224};
  REQUIRE(compared(size, drawn(kAll, size), noise(size, DType::u8),
                   detail::augment_args(kAll, {.samplewise_center = true})) == "");
  const Size line{1, 1, 20011, 1, 1, 20011};
  ImageChange map = detail::no_change();
  map.moves = 1;
  map.xx = std::llround(0.9991 * kMapUnits);
  map.yy = std::llround(kMapUnits);
  map.x0 = std::llround(3.3 * kMapUnits);
  REQUIRE(compared(line, {map}, noise(line, DType::u8), detail::augment_args({}, {})) == "");
}

TEST_CASE("images that are only flipped, cropped, brightened or left alone have the CPU's bits",
          "[cuda]") {
  for (const Size& size : kSizes) {
    for (const bool moved : {false, true}) {
      CAPTURE(size.n, size.h, size.w, size.c, moved);
      AugmentOptions options{.brightness_range = {0.3, 2.5}};
      Size same = size;
      if (moved) {
        options = cropped(options, size);
        options.horizontal_flip = options.vertical_flip = true;
      } else {
        same.oh = size.h;
        same.ow = size.w;
      }
      for (const DType dtype : {DType::u8, DType::f32})
        REQUIRE(compared(same, drawn(options, size), noise(size, dtype),
                         detail::augment_args(options, {.rescale = 1.0 / 127}),
                         {.tolerance = 0}) == "");
    }
  }
}

TEST_CASE("images of one colour become zero on the device too, in place", "[cuda]") {
  const std::vector<ImageChange> changes(3, detail::no_change());
  const Tensor images = Tensor::full({3, 31, 17, 3}, 201);
  REQUIRE(twin({images, as_bytes(changes)},
               [](const KernelTable& k, void* const* b, StreamHandle stream) {
                 AugmentArgs args =
                     detail::augment_args({}, {.rescale = 1.0 / 255,
                                               .samplewise_center = true,
                                               .samplewise_std_normalization = true});
                 detail::set_sizes(args, 3, {31, 17, 3}, {31, 17, 3});
                 args.from = DType::f32;
                 args.x = args.y = static_cast<float*>(b[0]);
                 args.changes = static_cast<const ImageChange*>(b[1]);
                 k.augment(args, stream);
               },
               {.tolerance = 0}) == "");
}

TEST_CASE("a batch without images launches nothing", "[cuda]") {
  const Size none{0, 4, 4, 1, 4, 4};
  REQUIRE(compared(none, {}, noise(none, DType::u8),
                   detail::augment_args(kAll, {.samplewise_center = true})) == "");
}

TEST_CASE("one image is warped along any map as on the CPU", "[cuda]") {
  const KeepSettings keep;
  set_cpu_isa("base");
  constexpr std::array<std::array<double, 6>, 5> maps{{{1, 0, 0, 0, 1, 0},
                                                       {0.83, -0.31, 1.7, 0.29, 0.91, -2.6},
                                                       {1.9, 0.4, -9.3, -0.7, 2.2, 4.4},
                                                       {37.3, 0, -200.4, 11.9, -53.1, 400.7},
                                                       {1, 0, 1e6 + 0.25, 0, 1, -1e6 - 0.125}}};
  for (const Size& size : kSizes) {
    for (std::size_t m = 0; m < maps.size(); ++m) {
      for (const DType dtype : {DType::u8, DType::f32}) {
        CAPTURE(size.h, size.w, size.c, m, name_of(dtype));
        REQUIRE(twin({noise(size, dtype), unwritten({size.oh, size.ow, size.c}).to(DType::f32)},
                     [&](const KernelTable& k, void* const* b, StreamHandle stream) {
                       for (int fill = 0; fill < 4; ++fill)
                         k.affine_warp(
                             {size.h, size.w, size.c, size.oh, size.ow, dtype, b[0],
                              static_cast<float*>(b[1]), maps[m][0], maps[m][1], maps[m][2],
                              maps[m][3], maps[m][4], maps[m][5], FillMode(fill), 300},
                             stream);
                     }) == "");
      }
    }
  }
}

}  // namespace
}  // namespace mien
