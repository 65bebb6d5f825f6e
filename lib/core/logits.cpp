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

}  // namespace mien
