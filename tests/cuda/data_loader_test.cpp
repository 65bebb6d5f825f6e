#include "mien/data/data_loader.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "kernels/cuda/rt.h"
#include "lib/train/device_feed.h"
#include "mien/base/error.h"
#include "mien/data/array_dataset.h"
#include "tests/support/catch.h"
#include "tests/support/cuda.h"
#include "tests/support/values.h"

namespace mien {
namespace {

constexpr Device kCuda{DeviceType::cuda, 0};

/// n images of 12 x 10 x 3 bytes of 3 classes.
ArrayDataset images(std::int64_t n) {
  const Tensor x = random_tensor({n, 12, 10, 3}, 6, 0, 256).to(DType::u8);
  Tensor y = Tensor::empty({n}, {.dtype = DType::i32});
  for (std::int64_t i = 0; i < n; ++i) y.data<std::int32_t>()[i] = std::int32_t(i % 3);
  return ArrayDataset({.inputs = x, .targets = y, .classes = 3});
}

const AugmentOptions kStrong{.rotation_range = 30,
                             .width_shift_range = 0.2,
                             .zoom_range = {0.8, 1.2},
                             .horizontal_flip = true,
                             .channel_shift_range = 30,
                             .crop = {.height = 8, .padding = 2},
                             .erasing = {.probability = 0.5}};

const DataLoaderOptions kOptions{.batch_size = 3,
                                 .seed = 9,
                                 .augment = kStrong,
                                 .rescale = 1.0 / 255,
                                 .samplewise_center = true,
                                 .samplewise_std_normalization = true};

/// Largest error of the batches that a feed brings, until the end of the epoch.
double epoch_error(DeviceFeed& feed, DataLoader& there, DataLoader& here) {
  double worst = 0;
  for (;;) {
    const Batch* const batch = feed.next();
    const Batch* const wanted = here.next();
    REQUIRE(!batch == !wanted);
    if (!batch) return worst;
    REQUIRE(there.batch() == here.batch());
    REQUIRE(batch->samples == wanted->samples);
    const StepData data = feed.bring(*batch);
    REQUIRE(data.inputs[0].device() == kCuda);
    worst = std::max(worst, relative_error(data.inputs[0].to(kCpu), wanted->inputs[0]));
    REQUIRE(values(data.targets.to(kCpu)) == values(wanted->targets[0]));
  }
}

TEST_CASE("batches finished on the device are the CPU's, for any workers and from any batch on",
          "[cuda]") {
  cuda_or_skip();
  const ArrayDataset data = images(8);
  for (int behaviour = 0; behaviour < cuda::behaviours(); ++behaviour) {
    cuda::choose_behaviour(behaviour);
    DataLoaderOptions options = kOptions;
    options.workers = behaviour % 4;
    CAPTURE(behaviour, options.workers);
    DataLoader here(data, kOptions), there(data, options);
    DeviceFeed feed(kCuda, there);
    const double whole = epoch_error(feed, there, here), next = epoch_error(feed, there, here);
    here.start(4, 1);
    there.start(4, 1);
    const double rest = epoch_error(feed, there, here);
    cuda::choose_behaviour(0);
    REQUIRE(std::max({whole, next, rest}) < 1e-5);
  }
}

TEST_CASE("images go to the device as the dataset has them", "[cuda]") {
  cuda_or_skip();
  const ArrayDataset data = images(4);
  DataLoader loader(data, {.batch_size = 4, .shuffle = false, .augment = kStrong});
  const Batch& batch = *loader.next_for(kCuda);
  REQUIRE(batch.inputs[0].dtype() == DType::u8);
  REQUIRE(batch.inputs[0].shape() == Shape{4, 12, 10, 3});
  REQUIRE(batch.changes[0].shape()[0] == 4);
  REQUIRE(batch.targets[0].shape() == Shape{4, 3});
  std::vector<std::byte> first(12 * 10 * 3);
  std::int32_t label = 0;
  const std::span<std::byte> into[] = {first, std::as_writable_bytes(std::span(&label, 1))};
  data.read(0, into);
  REQUIRE(std::memcmp(first.data(), batch.inputs[0].raw(), first.size()) == 0);
}

TEST_CASE("batches for the device and for the CPU may take turns", "[cuda]") {
  cuda_or_skip();
  const ArrayDataset data = images(11);
  DataLoader loader(data, kOptions), plain(data, kOptions);
  std::vector<Batch> wanted;
  for (const Batch& batch : plain) wanted.push_back(batch);
  for (std::size_t b = 0; b < wanted.size(); ++b) {
    const Batch& batch = b % 2 ? *loader.next() : *loader.next_for(kCuda);
    REQUIRE(batch.samples == wanted[b].samples);
    Tensor x = batch.inputs[0];
    if (b % 2 == 0) {
      x = Tensor::empty(wanted[b].inputs[0].shape(), {.device = kCuda});
      loader.finish(0, batch.inputs[0].to(kCuda), batch.changes[0].to(kCuda), x);
    }
    REQUIRE(relative_error(x.to(kCpu), wanted[b].inputs[0]) < 1e-5);
  }
  REQUIRE(loader.next() == nullptr);
  REQUIRE(values(loader.next_for(kCpu)->inputs[0]) == values(plain.next()->inputs[0]));
}

TEST_CASE("brightness after a rotation differs from the CPU by a whole number and seldom",
          "[cuda]") {
  cuda_or_skip();
  const ArrayDataset data = images(40);
  const DataLoaderOptions options{
      .batch_size = 40,
      .augment = AugmentOptions{.rotation_range = 30, .brightness_range = {0.5, 1.5}}};
  DataLoader here(data, options), there(data, options);
  DeviceFeed feed(kCuda, there);
  const std::vector<double> got = values(feed.bring(*feed.next()).inputs[0].to(kCpu));
  const std::vector<double> wanted = values(here.next()->inputs[0]);
  std::size_t other = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    // One of 255 before the factor is up to two after it.
    REQUIRE(std::abs(got[i] - wanted[i]) <= 2);
    other += got[i] != wanted[i];
  }
  REQUIRE(other <= got.size() / 1000);
}

TEST_CASE("what is no image goes to the device as ever, beside images", "[cuda]") {
  cuda_or_skip();
  const Tensor bytes = random_tensor({6, 2, 2, 1}, 1, 0, 256).to(DType::u8);
  const Tensor table = random_tensor({6, 3}, 2, -1, 1, DType::f32);
  const Tensor words = random_tensor({6, 5}, 3, 0, 256).to(DType::u8);
  const ArrayDataset data({.inputs = {bytes, bytes.to(DType::f32), table, words}});
  const DataLoaderOptions options{.augment = AugmentOptions{.rotation_range = 20}};
  DataLoader here(data, options), there(data, options);
  DeviceFeed feed(kCuda, there);
  const Batch& batch = *feed.next();
  REQUIRE(batch.inputs[0].dtype() == DType::u8);
  REQUIRE(batch.changes[1].defined());
  REQUIRE_FALSE(batch.changes[2].defined());
  REQUIRE_FALSE(batch.changes[3].defined());
  const StepData brought = feed.bring(batch);
  const Batch& wanted = *here.next();
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    REQUIRE(relative_error(brought.inputs[i].to(kCpu), wanted.inputs[i]) < 1e-5);
  }

  // f32 images that nothing is to be done with.
  const ArrayDataset ready({.inputs = bytes.to(DType::f32)});
  DataLoader loader(ready);
  REQUIRE(loader.next_for(kCuda)->inputs[0].dtype() == DType::f32);
}

TEST_CASE("a loader finishes nothing that does not fit", "[cuda]") {
  cuda_or_skip();
  const ArrayDataset data = images(3);
  DataLoader loader(data, kOptions);
  const Batch& batch = *loader.next_for(kCuda);
  const Tensor x = batch.inputs[0].to(kCuda), changes = batch.changes[0].to(kCuda);
  const Tensor out = Tensor::empty({3, 8, 10, 3}, {.device = kCuda});
  REQUIRE_NOTHROW(loader.finish(0, x, changes, out));
  REQUIRE_THROWS_AS(loader.finish(0, x, changes, Tensor::empty({3, 8, 9, 3}, {.device = kCuda})),
                    ShapeError);
  REQUIRE_THROWS_AS(loader.finish(0, out, changes, out), ShapeError);
  REQUIRE_THROWS_AS(loader.finish(0, x, x, out), ShapeError);
  REQUIRE_THROWS_AS(loader.finish(0, batch.inputs[0], changes, out), DeviceError);
}

}  // namespace
}  // namespace mien
