#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "kernels/api.h"
#include "lib/runtime/storage.h"
#include "mien/autograd.h"
#include "mien/tensor.h"

namespace mien {

/// What autograd knows of a tensor. Absent for plain ones.
struct AutogradMeta {
  bool leaf = false;         // requires_grad() was asked for
  Ref<Node> node;            // or the op that computed it,
  std::uint32_t output = 0;  // as its output number ...
  // Of a leaf: its gradient holds something where written equals the group's epoch. zero_grad()
  // advances the epoch and so writes nothing.
  Tensor grad;
  std::uint64_t written = 0;
  std::shared_ptr<std::uint64_t> epoch;
  // Of probabilities made by a layer's softmax or sigmoid: the logits, for a loss to use instead.
  Tensor logits;
  Act logits_act = Act::none;
  // Of a convolution's result: its moments by tiles, as its device left them. See moments_note.h.
  Tensor moments;
  std::uint32_t moments_version = 0;

  // Pooled: every recorded tensor of every step has one.
  static void* operator new(std::size_t bytes);
  static void operator delete(void* meta);
};

struct TensorImpl {
  Ref<Storage> storage;
  std::size_t offset = 0;  // bytes
  Shape shape;
  DType dtype = DType::f32;
  std::unique_ptr<AutogradMeta> meta;
  std::atomic<std::uint32_t> refs{0};

  std::byte* bytes() const { return storage->data() + offset; }
  AutogradMeta& ensure_meta();
};

/// A tensor over bytes [offset, ...) of a storage.
Tensor make_tensor(Ref<Storage> storage, std::size_t offset, const Shape& shape, DType dtype);

/// tensor's bytes move to `offset` of `flat`, together with all handles of this tensor; its
/// gradient will live in `grad` (same shape) and be valid where written in the current *epoch. The
/// old storage is marked as moved where tensor was all of it.
void rebind_leaf(const Tensor& tensor, Ref<Storage> flat, std::size_t offset, Tensor grad,
                 std::shared_ptr<std::uint64_t> epoch);
/// Gives a tensor without history another element type; all handles of it see that. Its gradient is
/// forgotten.
void convert_in_place(const Tensor& tensor, DType dtype);
/// Tells autograd that input number `input` of the op that computed y is a bias of y's last axis:
/// its gradient is the sum of y's over all other axes. See GradOut::bias_of().
void adds_bias(const Tensor& y, int input);
/// Whether the leaf's gradient was written in the current epoch.
bool leaf_written(const Tensor& tensor);

}  // namespace mien
