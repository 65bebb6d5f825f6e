#include "lib/core/logits.h"

#include "lib/core/impl.h"

namespace mien {

void note_logits(Tensor& probabilities, const Tensor& logits, Act act) {
  AutogradMeta& meta = probabilities.impl()->ensure_meta();
  meta.logits = logits;
  meta.logits_act = act;
}

const Tensor* logits_of(const Tensor& probabilities, Act act) {
  const AutogradMeta* meta = probabilities.impl()->meta.get();
  return meta && meta->logits.defined() && meta->logits_act == act ? &meta->logits : nullptr;
}

Tensor widened(const Tensor& x) {
  if (x.dtype() != DType::bf16) return x;
  Tensor wide = x.to(DType::f32);
  for (const Act act : {Act::softmax, Act::sigmoid})
    if (const Tensor* logits = logits_of(x, act)) note_logits(wide, logits->to(DType::f32), act);
  return wide;
}

}  // namespace mien
