#include "lib/runtime/storage.h"

#include <new>

#include "mien/base/pool.h"

namespace mien {

Storage::Storage(Device device, std::size_t bytes)
    : block_(allocate(device, bytes)), bytes_(bytes), device_(device) {}

Storage::~Storage() { deallocate(block_, bytes_); }

void retain(Storage* storage) { storage->refs.fetch_add(1, std::memory_order_relaxed); }

void release(Storage* storage) {
  if (storage->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  storage->~Storage();
  pool_give(storage, sizeof(Storage));
}

Ref<Storage> make_storage(Device device, std::size_t bytes) {
  void* block = pool_take(sizeof(Storage));
  try {
    return Ref<Storage>(new (block) Storage(device, bytes));
  } catch (...) {
    pool_give(block, sizeof(Storage));
    throw;
  }
}

}  // namespace mien
