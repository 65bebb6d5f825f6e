#include "lib/core/impl.h"

#include "lib/core/kernels_for.h"
#include "mien/base/pool.h"

namespace mien {

void retain(TensorImpl* impl) { impl->refs.fetch_add(1, std::memory_order_relaxed); }

void release(TensorImpl* impl) {
  if (impl->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  impl->~TensorImpl();
  pool_give(impl, sizeof(TensorImpl));
}

void* AutogradMeta::operator new(std::size_t bytes) { return pool_take(bytes); }
void AutogradMeta::operator delete(void* meta) { pool_give(meta, sizeof(AutogradMeta)); }

AutogradMeta& TensorImpl::ensure_meta() {
  if (!meta) meta = std::make_unique<AutogradMeta>();
  return *meta;
}

Tensor make_tensor(Ref<Storage> storage, std::size_t offset, const Shape& shape, DType dtype) {
  auto* impl = new (pool_take(sizeof(TensorImpl))) TensorImpl;
  impl->storage = std::move(storage);
  impl->offset = offset;
  impl->shape = shape;
  impl->dtype = dtype;
  return Tensor(Ref<TensorImpl>(impl));
}

void rebind_leaf(const Tensor& tensor, Ref<Storage> flat, std::size_t offset, Tensor grad,
                 std::shared_ptr<std::uint64_t> epoch) {
  TensorImpl& impl = *tensor.impl();
  if (impl.storage != flat || impl.offset != offset) {
    device_api(flat->device())
        .copy(flat->data() + offset, impl.bytes(), tensor.bytes(), stream_of(tensor));
    // Only where nothing else lives there: other parameters may stay in an optimizer's flat buffer.
    if (impl.storage->bytes() == tensor.bytes())
      impl.storage->moved.store(true, std::memory_order_relaxed);
    impl.storage = std::move(flat);
    impl.offset = offset;
  }
  AutogradMeta& meta = impl.ensure_meta();
  meta.grad = std::move(grad);
  meta.epoch = std::move(epoch);
  meta.written = 0;
}

void convert_in_place(const Tensor& tensor, DType dtype) {
  const NoGradGuard quiet;
  const Tensor converted = tensor.to(dtype);
  TensorImpl& impl = *tensor.impl();
  impl.storage = converted.impl()->storage;
  impl.offset = converted.impl()->offset;
  impl.dtype = dtype;
  if (!impl.meta) return;
  impl.meta->grad = Tensor();
  impl.meta->written = 0;
}

bool leaf_written(const Tensor& tensor) {
  const AutogradMeta* meta = tensor.impl()->meta.get();
  return meta && meta->leaf && meta->grad.defined() && meta->written == *meta->epoch;
}

}  // namespace mien
