#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mien/data/data_loader.h"
#include "mien/nn/module.h"

namespace mien {

/// Where the model's weights are; the default device where it has none.
Device device_of(const nn::Module& model);

/// What a step works on: a batch with one target, where the model is.
struct StepData {
  Tensors inputs{};
  Tensor targets{}, weights{};  // weights may be undefined
};

/// Brings batches to a device while it computes: a ring of buffers, each of pinned memory and of
/// the device's, filled by copies in a stream of their own. Images go there as the dataset has them
/// where the device can do the rest. The host waits only where it is a whole ring ahead. For the
/// CPU it hands on what it gets.
class DeviceFeed {
 public:
  /// loader must outlive the feed.
  DeviceFeed(Device device, DataLoader& loader);
  DeviceFeed(const DeviceFeed&) = delete;
  DeviceFeed& operator=(const DeviceFeed&) = delete;
  ~DeviceFeed();

  /// The loader's next batch, on the host; nullptr at the end of an epoch.
  const Batch* next() { return loader_.next_for(device_); }
  /// The batch there, as given by next(); weights (may be undefined) in place of the batch's own.
  /// Good for the work that is queued before the next call, whose batch may take its place.
  StepData bring(const Batch& batch, const Tensor& weights);
  StepData bring(const Batch& batch) { return bring(batch, batch.weights); }
  Device device() const { return device_; }

 private:
  struct Part {  // of a batch: where a tensor lies, the largest that it was so far
    void* pinned = nullptr;
    Tensor on_device{};
  };
  struct Slot;
  Part& room(Slot& slot, const Tensor& from, std::size_t index);
  Tensor copy(Slot& slot, const Tensor& from, std::size_t part);
  Tensor finished(std::size_t input, const Tensor& images, const Tensor& changes);

  Device device_;
  DataLoader& loader_;
  std::vector<std::unique_ptr<Slot>> ring_;
  std::size_t next_ = 0;
  std::vector<Tensor> finished_;  // of each input: the largest so far, f32
};

}  // namespace mien
