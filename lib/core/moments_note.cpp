#include "lib/core/moments_note.h"

#include "lib/core/impl.h"

namespace mien {
namespace {

std::uint32_t version_of(const Tensor& x) {
  return x.impl()->storage->version.load(std::memory_order_relaxed);
}

}  // namespace

void note_moments(const Tensor& x, const Tensor& moments) {
  AutogradMeta& meta = x.impl()->ensure_meta();
  meta.moments = moments;
  meta.moments_version = version_of(x);
}

Tensor noted_moments(const Tensor& x) {
  const AutogradMeta* meta = x.impl()->meta.get();
  return meta && meta->moments_version == version_of(x) ? meta->moments : Tensor();
}

}  // namespace mien
