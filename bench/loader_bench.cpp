// What input costs beside a training step: the augmentation of one image, and whole epochs of a
// DataLoader as fer_train makes them. The augmentation is checked against its definition, in
// double, before anything is timed. Without --images the loader gets noise of the same size.
//   loader_bench [--images=FOLDER/train] [--benchmark_filter=REGEX]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/machine.h"
#include "mien/mien.h"

namespace {

using namespace mien;

constexpr int kSize = 48, kBatch = 128;
constexpr std::int64_t kNoiseImages = 4096;
const AugmentOptions kAugment{.rotation_range = 10,
                              .width_shift_range = 0.1,
                              .height_shift_range = 0.1,
                              .zoom_range = {0.9, 1.1},
                              .horizontal_flip = true};

std::vector<std::uint8_t> noise(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  PhiloxStream random(1, 1);
  for (std::uint8_t& byte : bytes) byte = std::uint8_t(random.next_u32());
  return bytes;
}

AugmentPlan plan_of(std::uint64_t sample) {
  PhiloxStream random(2, sample);
  return draw_augmentation(kAugment, kSize, kSize, random);
}

// Value of the image, continued by its edge, at a place between pixels.
double pixel_at(const std::vector<std::uint8_t>& image, double x, double y) {
  const double column = std::clamp(x, 0.0, kSize - 1.0), row = std::clamp(y, 0.0, kSize - 1.0);
  const int x0 = std::min(int(column), kSize - 2), y0 = std::min(int(row), kSize - 2);
  const double u = column - x0, v = row - y0;
  const std::uint8_t* p = image.data() + y0 * kSize + x0;
  return (1 - v) * ((1 - u) * p[0] + u * p[1]) + v * ((1 - u) * p[kSize] + u * p[kSize + 1]);
}

// Largest difference from: turn, shift, zoom about the centre, then flip.
double error_of(const AugmentPlan& plan, const std::vector<std::uint8_t>& image) {
  std::vector<float> got(image.size());
  apply_augmentation(plan, std::span<const std::uint8_t>(image), got);
  const double angle = plan.rotation * 3.14159265358979323846 / 180, centre = (kSize - 1) * 0.5;
  double largest = 0;
  for (int oy = 0; oy < kSize; ++oy) {
    for (int ox = 0; ox < kSize; ++ox) {
      const double x = ((plan.flip_horizontal ? kSize - 1 - ox : ox) - centre) * plan.zoom_x;
      const double y = (oy - centre) * plan.zoom_y;
      const double from_x = x + plan.shift_x, from_y = y + plan.shift_y;
      const double c = std::cos(angle), s = std::sin(angle);
      const double want =
          pixel_at(image, c * from_x - s * from_y + centre, s * from_x + c * from_y + centre);
      largest = std::max(largest, std::abs(double(got[std::size_t(oy * kSize + ox)]) - want));
    }
  }
  return largest;
}

bool augmentation_agrees() {
  const std::vector<std::uint8_t> image = noise(kSize * kSize);
  double error = 0;
  for (std::uint64_t sample = 0; sample < 100; ++sample) {
    error = std::max(error, error_of(plan_of(sample), image));
  }
  std::printf("augmentation: error against the definition, of 255: %.1e\n", error);
  return error < 5e-3;
}

void count_images(benchmark::State& state, std::int64_t images) {
  state.counters["images/s"] = benchmark::Counter(double(images), benchmark::Counter::kIsRate);
}

void time_augmentation(benchmark::State& state) {
  const std::vector<std::uint8_t> image = noise(kSize * kSize);
  std::vector<float> out(image.size());
  std::uint64_t sample = 0;
  for (auto _ : state) {
    apply_augmentation(plan_of(sample++ % 1024), std::span<const std::uint8_t>(image), out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count_images(state, state.iterations());
}

void time_epoch(benchmark::State& state, const Dataset& data, bool augmented) {
  DataLoaderOptions options{
      .batch_size = kBatch, .rescale = 1.0 / 255, .workers = int(state.range(0))};
  if (augmented) options.augment = kAugment;
  DataLoader loader(data, options);
  loader.next();  // the threads are there and the batches allocated
  loader.start(1);
  for (auto _ : state) {
    while (const Batch* batch = loader.next()) benchmark::DoNotOptimize(batch->inputs[0].raw());
  }
  count_images(state, state.iterations() * loader.samples());
}

void time_opening(benchmark::State& state, const std::string& path) {
  std::int64_t images = 0;
  for (auto _ : state) images += ImageFolder(path, {.color_mode = ColorMode::grayscale}).size();
  count_images(state, images);
}

// Takes --images=FOLDER out of the arguments.
std::string images_argument(int& argc, char** argv) {
  const std::string flag = "--images=";
  std::string path;
  char** const end = std::remove_if(argv + 1, argv + argc, [&](const char* argument) {
    const std::string text = argument;
    if (text.rfind(flag, 0) != 0) return false;
    path = text.substr(flag.size());
    return true;
  });
  argc = int(end - argv);
  return path;
}

std::unique_ptr<Dataset> dataset(const std::string& path) {
  if (!path.empty()) {
    return std::make_unique<ImageFolder>(path,
                                         ImageFolderOptions{.color_mode = ColorMode::grayscale});
  }
  Tensor x = Tensor::empty({kNoiseImages, kSize, kSize, 1}, {.dtype = DType::u8});
  const std::vector<std::uint8_t> pixels = noise(std::size_t(x.numel()));
  std::copy(pixels.begin(), pixels.end(), x.data<std::uint8_t>());
  Tensor y = Tensor::zeros({kNoiseImages}, {.dtype = DType::i32});
  return std::make_unique<ArrayDataset>(
      ArrayDatasetOptions{.inputs = x, .targets = y, .classes = 7});
}

int run(int argc, char** argv) {
  const std::string images = images_argument(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("cpu", bench::cpu_name());
  benchmark::AddCustomContext("instruction_set", std::string(cpu_isa()));
  if (!augmentation_agrees()) {
    std::fprintf(stderr, "loader_bench: the augmentation disagrees with its definition\n");
    return 1;
  }
  const std::unique_ptr<Dataset> data = dataset(images);
  benchmark::RegisterBenchmark("augment_one", time_augmentation)->UseRealTime();
  for (const bool augmented : {true, false}) {
    benchmark::RegisterBenchmark(
        augmented ? "epoch_augmented" : "epoch_plain",
        [&data, augmented](benchmark::State& state) { time_epoch(state, *data, augmented); })
        ->ArgName("workers")
        ->Arg(0)
        ->Arg(1)
        ->Arg(2)
        ->UseRealTime()
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMillisecond);
  }
  if (!images.empty()) {
    benchmark::RegisterBenchmark(
        "open_folder", [&images](benchmark::State& state) { time_opening(state, images); })
        ->UseRealTime()
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loader_bench: %s\n", error.what());
    return 2;
  }
}
