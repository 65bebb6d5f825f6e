#include "lib/train/device_feed.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/core/kernels_for.h"
#include "mien/base/error.h"

namespace mien {
namespace {

constexpr std::size_t kRing = 3;  // one is computed with, one is copied, one is filled

}  // namespace

Device device_of(const nn::Module& model) {
  const std::vector<NamedTensor> parameters = model.parameters();
  for (const NamedTensor& each : parameters)
    if (each.value.defined()) return each.value.device();
  return default_device();
}

// One place of the ring.
struct DeviceFeed::Slot {
  explicit Slot(Device at)
      : api(device_api(at)),
        stream(current_stream(at)),
        copies(api.copy_stream()),
        copied(api.make_event()),
        used(api.make_event()) {}
  ~Slot() {
    try {
      if (busy) api.synchronize_event(copied);
    } catch (const Error&) {  // what went wrong on the device was reported where it was found
    }
    for (const Part& each : parts)
      if (each.pinned) api.release_pinned(each.pinned);
    api.release_event(copied);
    api.release_event(used);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  const DeviceApi& api;
  StreamHandle stream, copies;
  EventHandle copied, used;
  bool busy = false;  // the device may still copy from it
  std::vector<Part> parts{};
};

DeviceFeed::DeviceFeed(Device device, DataLoader& loader) : device_(device), loader_(loader) {}
DeviceFeed::~DeviceFeed() = default;

// Room for a tensor of the batch.
DeviceFeed::Part& DeviceFeed::room(Slot& slot, const Tensor& from, std::size_t index) {
  if (slot.parts.size() <= index) slot.parts.resize(index + 1);
  Part& part = slot.parts[index];
  const bool same_kind = part.on_device.defined() && part.on_device.dtype() == from.dtype();
  if (same_kind && part.on_device.bytes() >= from.bytes()) return part;
  if (part.pinned) slot.api.release_pinned(std::exchange(part.pinned, nullptr));
  part.pinned = slot.api.allocate_pinned(std::max<std::size_t>(from.bytes(), 1));
  MIEN_CHECK(part.pinned, Error, "out of memory: ", from.bytes(), " bytes of pinned memory asked");
  part.on_device = Tensor::empty({from.numel()}, {.dtype = from.dtype(), .device = device_});
  // What lay there before may still be computed with.
  slot.api.record(slot.used, slot.stream);
  slot.api.wait_for(slot.copies, slot.used);
  return part;
}

Tensor DeviceFeed::copy(Slot& slot, const Tensor& from, std::size_t index) {
  if (!from.defined()) return {};
  if (slot.parts.size() <= index)  // the first such batch: no later one shall ask for memory
    for (const auto& each : ring_) room(*each, from, index);
  const Part& part = room(slot, from, index);
  if (from.bytes() > 0) std::memcpy(part.pinned, from.raw(), from.bytes());
  slot.api.copy_from_host(part.on_device.raw(), part.pinned, from.bytes(), slot.copies);
  part.on_device.mark_modified();
  return part.on_device.slice(0, from.numel()).view(from.shape());
}

// One place for all batches: the work stream is done with the last one by then.
Tensor DeviceFeed::finished(std::size_t input, const Tensor& images, const Tensor& changes) {
  const Shape shape = join({images.shape()[0]}, loader_.input_shapes()[input]);
  if (finished_.size() <= input) finished_.resize(input + 1);
  Tensor& largest = finished_[input];
  if (!largest.defined() || largest.numel() < shape.numel()) {
    largest = Tensor::empty({shape.numel()}, {.dtype = DType::f32, .device = device_});
  }
  largest.mark_modified();
  const Tensor out = largest.slice(0, shape.numel()).view(shape);
  loader_.finish(input, images, changes, out);
  return out;
}

StepData DeviceFeed::bring(const Batch& batch, const Tensor& weights) {
  const Tensor targets = batch.targets.empty() ? Tensor() : batch.targets[0];
  if (device_ == kCpu) return {batch.inputs, targets, weights};
  current_stream(device_);  // this thread's device from here on
  if (ring_.empty()) {
    for (std::size_t i = 0; i < kRing; ++i) ring_.push_back(std::make_unique<Slot>(device_));
  } else {  // all work with the slot that was given last is queued by now
    Slot& last = *ring_[(next_ + kRing - 1) % kRing];
    last.api.record(last.used, last.stream);
  }
  Slot& slot = *ring_[next_];
  next_ = (next_ + 1) % kRing;
  if (slot.busy) {
    if (!slot.api.happened(slot.copied)) slot.api.synchronize_event(slot.copied);
    slot.api.wait_for(slot.copies, slot.used);
  }
  StepData data;
  std::size_t part = 0;
  for (const Tensor& each : batch.inputs) data.inputs.push_back(copy(slot, each, part++));
  Tensors changes;
  for (const Tensor& each : batch.changes) changes.push_back(copy(slot, each, part++));
  data.targets = copy(slot, targets, part++);
  data.weights = copy(slot, weights, part++);
  slot.api.record(slot.copied, slot.copies);
  slot.api.wait_for(slot.stream, slot.copied);
  slot.busy = true;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].defined()) data.inputs[i] = finished(i, data.inputs[i], changes[i]);
  }
  return data;
}

}  // namespace mien
