#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

#include "mien/data/augment.h"
#include "mien/data/dataset.h"
#include "mien/data/standardize.h"

namespace mien {

class State;

/// How class numbers (Field::classes above 0) come out: sparse as i32 [N], categorical as one-hot
/// f32 [N, classes]. Keras's class_mode, with its default.
enum class Labels : std::uint8_t { categorical, sparse };

/// How a DataLoader makes batches of samples.
struct DataLoaderOptions {
  int batch_size = 32;
  bool shuffle = true;  // another order in each epoch
  std::uint64_t seed = 0;
  std::optional<AugmentOptions> augment{};  // for inputs that are images, [H, W, C] of u8 or f32
  double rescale = 1;                       // as in StandardizeOptions: for images and u8 inputs,
  bool samplewise_center = false;           // after the augmentation
  bool samplewise_std_normalization = false;
  Labels labels = Labels::categorical;
  int workers = 1;         // threads that prepare batches ahead; 0: next() prepares them itself
  int prefetch = 2;        // batches prepared ahead, at most
  bool drop_last = false;  // leave out a last batch that is not full
};

/// Batches of a Dataset, prepared ahead by threads of its own. u8 inputs come out as f32, u8
/// targets as i32, everything else as the dataset has it. Order and augmentation depend on (seed,
/// epoch, sample) alone, not on workers or prefetch, and not on where an epoch was begun. Where a
/// Trainer's model is on a CUDA device, images go there as bytes and are augmented there.
///
/// ```cpp
/// ArrayDataset data(Tensor::zeros({100, 48, 48, 1}), Tensor::zeros({100, 7}));
/// DataLoader loader(data, {.batch_size = 64, .augment = AugmentOptions{.horizontal_flip = true}});
/// for (int epoch = 0; epoch < 3; ++epoch) {
///   for (const Batch& batch : loader) Tensor x = batch.inputs[0];
/// }
/// ```
/// Use it from one thread at a time.
class DataLoader {
 public:
  /// dataset must outlive the loader. Throws ValueError where an option is out of its range, the
  /// dataset is empty, or images are to be changed and no input is one.
  explicit DataLoader(const Dataset& dataset, const DataLoaderOptions& options = {});
  explicit DataLoader(const Dataset&& temporary, const DataLoaderOptions& options = {}) = delete;
  DataLoader(DataLoader&&) noexcept;
  DataLoader& operator=(DataLoader&&) noexcept;
  /// Also in the middle of an epoch.
  ~DataLoader();

  /// The next batch of the epoch; nullptr once at its end, after which the next epoch begins. What
  /// it points to is good until the next call; tensors copied out of it stay good. Rethrows what
  /// the dataset threw for a sample of the batch; the call after that tries the batch again.
  const Batch* next();

  /// The next batch, as next(), for one who computes on `device`. Where that can finish images
  /// (a CUDA device can), those inputs come as the dataset has them, mostly u8 [N, H, W, C], and
  /// changes[i] of input i, u8 [N, bytes], holds what is drawn for each: finish() does it there.
  /// Other inputs are as of next(), their changes[i] undefined. Calls of one and the other may
  /// take turns, but each change costs what was prepared ahead. Trainer uses it.
  const Batch* next_for(Device device);

  /// What was left of input i: images and changes as of next_for(), but on the device, into `out`,
  /// f32 [N] + input_shapes()[i], there too. Queued there. The same images as of next(), but for
  /// rounding (about 1e-6; brightness_range may so make another whole number of a value).
  void finish(std::size_t i, const Tensor& images, const Tensor& changes, const Tensor& out) const;

  /// Makes `batch` of `epoch` the next one, whatever was going on. Throws ValueError unless
  /// 0 <= batch <= size() and 0 <= epoch < 2^32.
  void start(std::int64_t epoch, std::int64_t batch = 0);

  /// The position: what next() gives next.
  std::int64_t epoch() const;
  std::int64_t batch() const;

  /// Batches of an epoch.
  std::int64_t size() const;
  /// Samples of an epoch (without those that drop_last leaves out).
  std::int64_t samples() const;
  /// Shapes of the inputs of one sample, after any crop: what a model is built for.
  Shapes input_shapes() const;
  const DataLoaderOptions& options() const;
  const Dataset& dataset() const;

  /// The position, and what it depends on.
  void save(State& state) const;
  /// Goes on where the saved loader was. Throws ValueError, before anything changes, where samples,
  /// batch_size, shuffle, seed or drop_last differ from the saved loader's.
  void load(const State& state);

  /// One pass from the position to the end of the epoch, for range-for.
  class Iterator {
   public:
    explicit Iterator(DataLoader* loader) : loader_(loader), batch_(loader->next()) {}
    const Batch& operator*() const { return *batch_; }
    Iterator& operator++() {
      batch_ = loader_->next();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return batch_ == nullptr; }

   private:
    DataLoader* loader_;
    const Batch* batch_;
  };
  /// for (const Batch& batch : loader).
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  class Workers;
  std::unique_ptr<Workers> workers_;
};

}  // namespace mien
