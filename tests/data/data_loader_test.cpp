#include "mien/data/data_loader.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>

#include "mien/base/error.h"
#include "mien/data/array_dataset.h"
#include "mien/state.h"
#include "tests/support/catch.h"
#include "tests/support/values.h"

namespace mien {
namespace {

/// n images of 4 x 3 x 1 bytes with different pixels, of 3 classes.
ArrayDataset images(std::int64_t n) {
  Tensor x = Tensor::empty({n, 4, 3, 1}, {.dtype = DType::u8});
  Tensor y = Tensor::empty({n}, {.dtype = DType::i32});
  for (std::int64_t i = 0; i < 12 * n; ++i) x.data<std::uint8_t>()[i] = std::uint8_t(i * i * 7 + i);
  for (std::int64_t i = 0; i < n; ++i) y.data<std::int32_t>()[i] = std::int32_t(i % 3);
  return ArrayDataset({.inputs = x, .targets = y, .classes = 3});
}

/// Everything that an epoch gives, in one row of numbers.
std::vector<double> epoch_of(DataLoader& loader) {
  std::vector<double> all;
  for (const Batch& batch : loader) {
    all.push_back(double(batch.size()));
    all.insert(all.end(), batch.samples.begin(), batch.samples.end());
    for (const Tensors* tensors : {&batch.inputs, &batch.targets}) {
      for (const Tensor& tensor : *tensors) {
        const std::vector<double> v = values(tensor);
        all.insert(all.end(), v.begin(), v.end());
      }
    }
  }
  return all;
}

std::vector<std::int64_t> order_of(DataLoader& loader) {
  std::vector<std::int64_t> order;
  for (const Batch& batch : loader) {
    order.insert(order.end(), batch.samples.begin(), batch.samples.end());
  }
  return order;
}

const AugmentOptions kStrong{.rotation_range = 30,
                             .width_shift_range = 0.2,
                             .zoom_range = {0.8, 1.2},
                             .horizontal_flip = true,
                             .erasing = {.probability = 0.5}};

TEST_CASE("an epoch has every sample once, the last batch the rest", "[data]") {
  const ArrayDataset data = images(10);
  DataLoader loader(data, {.batch_size = 4});
  REQUIRE(loader.size() == 3);
  REQUIRE(loader.samples() == 10);
  std::vector<std::int64_t> sizes, seen;
  for (const Batch& batch : loader) {
    sizes.push_back(batch.size());
    REQUIRE(batch.inputs[0].shape() == Shape{batch.size(), 4, 3, 1});
    REQUIRE(batch.targets[0].shape() == Shape{batch.size(), 3});
    seen.insert(seen.end(), batch.samples.begin(), batch.samples.end());
  }
  REQUIRE(sizes == std::vector<std::int64_t>{4, 4, 2});
  std::sort(seen.begin(), seen.end());
  REQUIRE(seen == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("drop_last leaves out the rest", "[data]") {
  const ArrayDataset data = images(10);
  DataLoader loader(data, {.batch_size = 4, .drop_last = true});
  REQUIRE(loader.size() == 2);
  REQUIRE(loader.samples() == 8);
  REQUIRE(order_of(loader).size() == 8);
}

TEST_CASE("bytes become floats and class numbers one-hot rows", "[data]") {
  const ArrayDataset data = images(3);
  DataLoader loader(data, {.batch_size = 3, .shuffle = false, .rescale = 0.5});
  const Batch& batch = *loader.next();
  REQUIRE(batch.inputs[0].dtype() == DType::f32);
  REQUIRE(values(batch.inputs[0])[3] == 0.5 * (3 * 3 * 7 + 3));
  REQUIRE(values(batch.targets[0]) == std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  REQUIRE_FALSE(batch.weights.defined());

  DataLoader sparse(data, {.batch_size = 3, .shuffle = false, .labels = Labels::sparse});
  const Tensor labels = sparse.next()->targets[0];
  REQUIRE(labels.dtype() == DType::i32);
  REQUIRE(labels.shape() == Shape{3});
  REQUIRE(values(labels) == std::vector<double>{0, 1, 2});
}

TEST_CASE("other arrays come out as they are", "[data]") {
  const ArrayDataset data({.inputs = Tensor::from({1, 2, 3, 4}, {2, 2}, {.dtype = DType::f64}),
                           .targets = Tensor::from({5, 6}, {2, 1}),
                           .weights = Tensor::from({0.25, 4}, {2})});
  DataLoader loader(data, {.shuffle = false});
  const Batch& batch = *loader.next();
  REQUIRE(batch.inputs[0].dtype() == DType::f64);
  REQUIRE(values(batch.inputs[0]) == std::vector<double>{1, 2, 3, 4});
  REQUIRE(values(batch.targets[0]) == std::vector<double>{5, 6});
  REQUIRE(values(batch.weights) == std::vector<double>{0.25, 4});
}

TEST_CASE("without shuffling the order is the dataset's", "[data]") {
  const ArrayDataset data = images(5);
  DataLoader loader(data, {.batch_size = 2, .shuffle = false});
  REQUIRE(order_of(loader) == std::vector<std::int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("shuffling depends on seed and epoch", "[data]") {
  const ArrayDataset data = images(50);
  DataLoader a(data, {.seed = 1}), b(data, {.seed = 1}), c(data, {.seed = 2});
  const auto first = order_of(a), second = order_of(a);
  REQUIRE(first != second);
  REQUIRE(order_of(b) == first);
  REQUIRE(order_of(b) == second);
  REQUIRE(order_of(c) != first);
}

TEST_CASE("order and augmentation do not depend on the workers", "[data]") {
  const ArrayDataset data = images(37);
  const auto three_epochs = [&](int workers, int prefetch) {
    DataLoader loader(
        data,
        {.batch_size = 5, .seed = 9, .augment = kStrong, .workers = workers, .prefetch = prefetch});
    std::vector<double> all;
    for (int epoch = 0; epoch < 3; ++epoch) {
      const std::vector<double> one = epoch_of(loader);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  const std::vector<double> alone = three_epochs(0, 1);
  REQUIRE(three_epochs(1, 1) == alone);
  REQUIRE(three_epochs(1, 3) == alone);
  REQUIRE(three_epochs(3, 2) == alone);
  REQUIRE(three_epochs(4, 20) == alone);
}

TEST_CASE("a sample's augmentation does not depend on where it stands in the epoch", "[data]") {
  const ArrayDataset data = images(6);
  const auto of_sample_2 = [&](bool shuffle, int batch_size) {
    DataLoader loader(
        data, {.batch_size = batch_size, .shuffle = shuffle, .seed = 4, .augment = kStrong});
    while (const Batch* batch = loader.next()) {
      for (std::int64_t k = 0; k < batch->size(); ++k) {
        if (batch->samples[std::size_t(k)] == 2) {
          return values(batch->inputs[0].slice(k, k + 1).clone());
        }
      }
    }
    return std::vector<double>{};
  };
  REQUIRE(of_sample_2(true, 4) == of_sample_2(false, 1));
}

TEST_CASE("an epoch begun in its middle goes on as if from its start", "[data]") {
  const ArrayDataset data = images(20);
  const DataLoaderOptions options{.batch_size = 3, .seed = 5, .augment = kStrong, .workers = 2};
  DataLoader whole(data, options), part(data, options);
  whole.start(4);
  std::vector<std::vector<double>> batches;
  while (const Batch* batch = whole.next()) batches.push_back(values(batch->inputs[0]));

  part.next();  // busy with another epoch
  part.start(4, 5);
  REQUIRE(part.epoch() == 4);
  REQUIRE(part.batch() == 5);
  REQUIRE(values(part.next()->inputs[0]) == batches[5]);
  REQUIRE(values(part.next()->inputs[0]) == batches[6]);
  REQUIRE(part.next() == nullptr);
  REQUIRE(part.epoch() == 5);
  REQUIRE(part.batch() == 0);
}

TEST_CASE("a saved loader goes on where it was", "[data]") {
  const ArrayDataset data = images(20);
  const DataLoaderOptions options{.batch_size = 3, .seed = 5};
  DataLoader first(data, options), second(data, options);
  first.start(2);
  first.next();
  first.next();
  State state;
  first.save(state);
  second.load(state);
  REQUIRE(epoch_of(second) == epoch_of(first));

  DataLoader other(data, {.batch_size = 4, .seed = 5});
  REQUIRE_THROWS_WITH(other.load(state),
                      "data loader: batch_size is 4 here and was 3 when the state was saved");
  REQUIRE(other.epoch() == 0);
}

TEST_CASE("tensors kept from a batch are not written again", "[data]") {
  const ArrayDataset data = images(12);
  DataLoader loader(data, {.batch_size = 2, .shuffle = false, .prefetch = 1});
  std::vector<Tensor> kept;
  for (const Batch& batch : loader) kept.push_back(batch.inputs[0]);
  for (std::size_t b = 0; b < kept.size(); ++b) {
    const double at = double(24 * b);
    REQUIRE(values(kept[b])[0] == double(std::uint8_t(int(at * at * 7 + at))));
  }
}

TEST_CASE("a crop changes the shape that a model is built for", "[data]") {
  const ArrayDataset data = images(4);
  DataLoader loader(data, {.augment = AugmentOptions{.crop = {.height = 2, .width = 3}}});
  REQUIRE(loader.input_shapes()[0] == Shape{2, 3, 1});
  REQUIRE(loader.next()->inputs[0].shape() == Shape{4, 2, 3, 1});
}

TEST_CASE("two images of a sample are augmented alike", "[data]") {
  const Tensor x = Tensor::from({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2, 1});
  const ArrayDataset data({.inputs = {x, x.to(DType::u8)}});
  DataLoader loader(data, {.augment = kStrong});
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (const Batch& batch : loader) {
      REQUIRE(values(batch.inputs[0]) == values(batch.inputs[1]));
    }
  }
}

TEST_CASE("a loader refuses what cannot be", "[data]") {
  const ArrayDataset data = images(4);
  const ArrayDataset table(Tensor::zeros({4, 3}), Tensor::zeros({4, 1}));
  const auto make = [](const Dataset& dataset, const DataLoaderOptions& options) {
    return DataLoader(dataset, options);
  };
  REQUIRE_THROWS_WITH(make(data, {.batch_size = 0}),
                      "data loader: batch_size must be positive; got 0");
  REQUIRE_THROWS_WITH(make(data, {.batch_size = 5, .drop_last = true}),
                      "data loader: with drop_last, 4 samples give no batch of 5");
  REQUIRE_THROWS_AS(make(data, {.workers = -1}), ValueError);
  REQUIRE_THROWS_AS(make(data, {.prefetch = 0}), ValueError);
  REQUIRE_THROWS_WITH(make(table, {.augment = AugmentOptions{}}),
                      Contains("augment needs an input that is an image"));
  REQUIRE_THROWS_WITH(make(table, {.rescale = 0.5}), Contains("rescale and samplewise_*"));
  REQUIRE_THROWS_AS(make(data, {.augment = AugmentOptions{.rotation_range = -1}}), ValueError);
  REQUIRE_THROWS_WITH(make(ArrayDataset(Tensor::zeros({0, 3}), Tensor::zeros({0, 1})), {}),
                      "data loader: the dataset has no samples");
  DataLoader loader(data);
  REQUIRE_THROWS_AS(loader.start(0, 2), ValueError);
  REQUIRE_THROWS_AS(loader.start(-1), ValueError);
}

/// Fails at one sample, a given number of times.
class Failing : public Dataset {
 public:
  Failing(std::int64_t bad, int times) : bad_(bad), times_(times) {
    fields_.inputs = {{"x", DType::f32, {}}};
  }
  const Fields& fields() const override { return fields_; }
  std::int64_t size() const override { return 20; }
  void read(std::int64_t i, std::span<const std::span<std::byte>> into) const override {
    if (i == bad_ && times_-- > 0) throw IoError("sample 7 is gone");
    const float value = float(i);
    std::memcpy(into[0].data(), &value, sizeof value);
  }

 private:
  Fields fields_;
  std::int64_t bad_;
  mutable std::atomic<int> times_;
};

TEST_CASE("what a dataset throws reaches the caller with its batch, which may be tried again",
          "[data]") {
  for (const int workers : {0, 1, 3}) {
    const Failing data(7, 1);
    DataLoader loader(data, {.batch_size = 3, .shuffle = false, .workers = workers});
    REQUIRE(loader.next()->samples[0] == 0);
    REQUIRE(loader.next()->samples[0] == 3);
    REQUIRE_THROWS_WITH(loader.next(), "sample 7 is gone");
    REQUIRE(values(loader.next()->inputs[0]) == std::vector<double>{6, 7, 8});
    REQUIRE(loader.next()->samples[0] == 9);
  }
}

TEST_CASE("a loader may be destroyed, moved or started anew at any time", "[data]") {
  const ArrayDataset data = images(50);
  for (int batches = 0; batches < 6; ++batches) {
    DataLoader loader(data, {.batch_size = 2, .augment = kStrong, .workers = 3, .prefetch = 4});
    for (int i = 0; i < batches; ++i) loader.next();
    DataLoader moved = std::move(loader);
    if (batches % 2) moved.start(1, 3);
    if (batches % 3) REQUIRE(moved.next() != nullptr);
  }
}

}  // namespace
}  // namespace mien
