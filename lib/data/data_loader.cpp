#include "mien/data/data_loader.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "lib/core/impl.h"
#include "lib/core/kernels_for.h"
#include "lib/data/image_change.h"
#include "lib/data/permutation.h"
#include "lib/data/sample_pipeline.h"
#include "mien/base/error.h"
#include "mien/state.h"

namespace mien {
namespace {

void check_options(const DataLoaderOptions& options, std::int64_t samples) {
  MIEN_CHECK(options.batch_size > 0, ValueError, "data loader: batch_size must be positive; got ",
             options.batch_size);
  MIEN_CHECK(options.workers >= 0, ValueError, "data loader: workers must not be negative; got ",
             options.workers);
  MIEN_CHECK(options.prefetch > 0, ValueError, "data loader: prefetch must be positive; got ",
             options.prefetch);
  MIEN_CHECK(samples > 0, ValueError, "data loader: the dataset has no samples");
  MIEN_CHECK(!options.drop_last || samples >= options.batch_size, ValueError,
             "data loader: with drop_last, ", samples, " samples give no batch of ",
             options.batch_size);
}

/// One place of the ring: tensors of a full batch, and the view of them that next() hands out.
struct Slot {
  Batch full;
  Batch given;
  detail::SampleScratch scratch;
  bool ready = false;
  std::exception_ptr error{};
};

/// Whether the user keeps a tensor that shares its bytes: then they must not be written again.
bool kept(const Tensor& tensor) { return tensor.defined() && tensor.impl()->storage->refs > 1; }

bool kept(const Batch& batch) {
  for (const Tensors* tensors : {&batch.inputs, &batch.targets, &batch.changes}) {
    for (const Tensor& each : *tensors) {
      if (kept(each)) return true;
    }
  }
  return kept(batch.weights);
}

}  // namespace

/// The ring of batches and the threads that fill it. Batch b lies in slot b modulo their number; it
/// may be filled as soon as the caller is done with the batch that lay there before.
class DataLoader::Workers {
 public:
  Workers(const Dataset& dataset, const DataLoaderOptions& options)
      : dataset_(dataset),
        options_(options),
        pipeline_(dataset, options),
        // One more than ahead: the batch that the caller works with.
        slots_(static_cast<std::size_t>(options.prefetch) + 1) {
    const std::int64_t n = dataset.size(), size = options.batch_size;
    batches_ = options.drop_last ? n / size : (n + size - 1) / size;
    samples_ = options.drop_last ? batches_ * size : n;
  }

  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void start(std::int64_t epoch, std::int64_t batch) {
    std::unique_lock lock(mutex_);
    end_ = 0;  // nothing new is begun; wait for what is under way
    done_.wait(lock, [this] { return filling_ == 0; });
    epoch_ = epoch;
    next_ = batch;
    running_ = false;
  }

  const Batch* next(detail::Images images) {
    if (images != images_) change_images(images);
    if (!running_) begin();
    if (given_) make_room(*std::exchange(given_, nullptr));
    if (next_ == batches_) {
      start(epoch_ + 1, 0);
      return nullptr;
    }
    Slot& slot = slot_of(next_);
    if (options_.workers == 0) {
      fill(next_, slot);
    } else {
      std::unique_lock lock(mutex_);
      released_ = next_;  // the batch given before this one is done with
      work_.notify_all();
      done_.wait(lock, [&] { return slot.ready; });
      slot.ready = false;
    }
    if (slot.error) {
      const std::exception_ptr error = std::exchange(slot.error, nullptr);
      start(epoch_, next_);
      std::rethrow_exception(error);
    }
    give(slot);
    ++next_;
    return &slot.given;
  }

  const Dataset& dataset() const { return dataset_; }
  const DataLoaderOptions& options() const { return options_; }
  const detail::SamplePipeline& pipeline() const { return pipeline_; }
  std::int64_t epoch() const { return epoch_; }
  std::int64_t batch() const { return next_; }
  std::int64_t batches() const { return batches_; }
  std::int64_t samples() const { return samples_; }

 private:
  Slot& slot_of(std::int64_t batch) { return slots_[std::size_t(batch) % slots_.size()]; }

  void change_images(detail::Images images) {
    start(epoch_, next_);
    images_ = images;
    for (Slot& slot : slots_) slot.full = slot.given = Batch();
  }

  /// The order of the epoch and the room for its batches; then the workers may begin.
  void begin() {
    const std::int64_t n = dataset_.size();
    if (options_.shuffle) {
      order_ = detail::permutation(n, options_.seed + detail::kShuffleSalt, std::uint64_t(epoch_));
    } else {
      order_.resize(std::size_t(n));
      std::iota(order_.begin(), order_.end(), std::int64_t(0));
    }
    given_ = nullptr;
    for (Slot& slot : slots_) {
      make_room(slot);
      slot.ready = false;
      slot.error = nullptr;
    }
    while (threads_.size() < std::size_t(options_.workers)) {
      threads_.emplace_back([this] { work(); });
    }
    const std::lock_guard lock(mutex_);
    to_fill_ = released_ = next_;
    end_ = batches_;
    running_ = true;
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_.wait(lock, [this] {
        return stopping_ || (to_fill_ < end_ && to_fill_ < released_ + std::int64_t(slots_.size()));
      });
      if (stopping_) return;
      const std::int64_t batch = to_fill_++;
      Slot& slot = slot_of(batch);
      ++filling_;
      lock.unlock();
      fill(batch, slot);
      lock.lock();
      --filling_;
      slot.ready = true;
      done_.notify_all();
    }
  }

  std::int64_t first_of(std::int64_t batch) const { return batch * options_.batch_size; }
  std::int64_t count_of(std::int64_t batch) const {
    return std::min<std::int64_t>(options_.batch_size, samples_ - first_of(batch));
  }

  void fill(std::int64_t batch, Slot& slot) {
    try {
      for (std::int64_t row = 0; row < count_of(batch); ++row) {
        const std::int64_t sample = order_[std::size_t(first_of(batch) + row)];
        pipeline_.fill(sample, epoch_, row, slot.full, slot.scratch, images_);
      }
    } catch (...) {
      slot.error = std::current_exception();
    }
  }

  // The caller alone makes and releases tensors, never a worker: their small blocks are pooled by
  // thread, and blocks taken on one thread and released on another would pile up.

  void make_room(Slot& slot) {
    slot.given.inputs.clear();
    slot.given.targets.clear();
    slot.given.weights = Tensor();
    slot.given.changes.clear();
    if (slot.full.inputs.empty()) slot.scratch = pipeline_.scratch();
    if (slot.full.inputs.empty() || kept(slot.full)) {
      slot.full = pipeline_.allocate(options_.batch_size, images_);
    }
  }

  void give(Slot& slot) {
    const std::int64_t count = count_of(next_);
    for (const Tensor& x : slot.full.inputs) slot.given.inputs.push_back(x.slice(0, count));
    for (const Tensor& y : slot.full.targets) slot.given.targets.push_back(y.slice(0, count));
    if (slot.full.weights.defined()) slot.given.weights = slot.full.weights.slice(0, count);
    for (const Tensor& each : slot.full.changes) {
      slot.given.changes.push_back(each.defined() ? each.slice(0, count) : Tensor());
    }
    const auto first = order_.begin() + first_of(next_);
    slot.given.samples.assign(first, first + count);
    given_ = &slot;
  }

  const Dataset& dataset_;
  const DataLoaderOptions options_;
  const detail::SamplePipeline pipeline_;
  std::int64_t batches_ = 0, samples_ = 0;

  // Written by the caller while no worker is busy.
  std::int64_t epoch_ = 0;
  std::vector<std::int64_t> order_;
  detail::Images images_ = detail::Images::finished;
  bool running_ = false;
  std::int64_t next_ = 0;  // what the caller gets next
  Slot* given_ = nullptr;  // what the caller works with

  std::mutex mutex_;              // guards what follows
  std::condition_variable work_;  // there may be something to fill
  std::condition_variable done_;  // something was filled
  std::int64_t to_fill_ = 0;      // the first batch that no worker has taken
  std::int64_t released_ = 0;     // the first batch that the caller is not done with
  std::int64_t end_ = 0;          // batches from here on are not to be filled
  std::int64_t filling_ = 0;      // batches under way
  bool stopping_ = false;
  std::vector<Slot> slots_;  // a slot belongs to its worker until ready, then to the caller
  std::vector<std::thread> threads_;
};

DataLoader::DataLoader(const Dataset& dataset, const DataLoaderOptions& options) {
  check_options(options, dataset.size());
  workers_ = std::make_unique<Workers>(dataset, options);
}

DataLoader::DataLoader(DataLoader&&) noexcept = default;
DataLoader& DataLoader::operator=(DataLoader&&) noexcept = default;
DataLoader::~DataLoader() = default;

const Batch* DataLoader::next() { return workers_->next(detail::Images::finished); }

const Batch* DataLoader::next_for(Device device) {
  const bool leaves = device != kCpu && workers_->pipeline().has_images() &&
                      kernels_for(device, DType::f32).augment != nullptr;
  return workers_->next(leaves ? detail::Images::as_read : detail::Images::finished);
}

void DataLoader::finish(std::size_t i, const Tensor& images, const Tensor& changes,
                        const Tensor& out) const {
  const std::int64_t n = out.shape()[0];
  const Shape wanted = join({n}, input_shapes()[i]);
  MIEN_CHECK(out.shape() == wanted && out.dtype() == DType::f32, ShapeError,
             "data loader: finish writes f32 ", wanted, "; got ", out.dtype(), " ", out.shape());
  const Field& field = dataset().fields().inputs[i];
  const Shape read = join({n}, field.shape), drawn{n, std::int64_t(sizeof(ImageChange))};
  MIEN_CHECK(images.shape() == read && images.dtype() == field.dtype && changes.shape() == drawn &&
                 changes.dtype() == DType::u8,
             ShapeError, "data loader: finish takes ", field.dtype, " ", read, " and u8 ", drawn,
             "; got ", images.dtype(), " ", images.shape(), " and ", changes.dtype(), " ",
             changes.shape());
  MIEN_CHECK(images.device() == out.device() && changes.device() == out.device(), DeviceError,
             "data loader: finish needs all on one device; got ", images.device(), ", ",
             changes.device(), " and ", out.device());
  AugmentArgs args = workers_->pipeline().image_args();
  detail::set_sizes(args, n, field.shape, input_shapes()[i]);
  args.from = field.dtype;
  args.x = images.raw();
  args.changes = static_cast<const ImageChange*>(changes.raw());
  args.y = static_cast<float*>(out.raw());
  kernels_for(out).augment(args, stream_of(out));
}

void DataLoader::start(std::int64_t epoch, std::int64_t batch) {
  MIEN_CHECK(epoch >= 0 && epoch < (std::int64_t(1) << 32), ValueError,
             "data loader: epoch must be in 0 .. 2^32 - 1; got ", epoch);
  MIEN_CHECK(batch >= 0 && batch <= size(), ValueError, "data loader: batch must be in 0 .. ",
             size(), "; got ", batch);
  workers_->start(epoch, batch);
}

std::int64_t DataLoader::epoch() const { return workers_->epoch(); }
std::int64_t DataLoader::batch() const { return workers_->batch(); }
std::int64_t DataLoader::size() const { return workers_->batches(); }
std::int64_t DataLoader::samples() const { return workers_->samples(); }
Shapes DataLoader::input_shapes() const { return workers_->pipeline().input_shapes(); }
const DataLoaderOptions& DataLoader::options() const { return workers_->options(); }
const Dataset& DataLoader::dataset() const { return workers_->dataset(); }

void DataLoader::save(State& state) const {
  state.set("epoch", epoch());
  state.set("batch", batch());
  state.set("samples", samples());
  state.set("batch_size", options().batch_size);
  state.set("shuffle", options().shuffle);
  state.set("seed", options().seed);
  state.set("drop_last", options().drop_last);
}

void DataLoader::load(const State& state) {
  const auto check = [&state](const char* name, std::int64_t mine) {
    const std::int64_t saved = state.get_int(name);
    MIEN_CHECK(saved == mine, ValueError, "data loader: ", name, " is ", mine, " here and was ",
               saved, " when the state was saved");
  };
  check("samples", samples());
  check("batch_size", options().batch_size);
  check("shuffle", options().shuffle);
  check("seed", std::int64_t(options().seed));
  check("drop_last", options().drop_last);
  start(state.get_int("epoch"), state.get_int("batch"));
}

}  // namespace mien
