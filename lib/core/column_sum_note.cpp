#include "lib/core/column_sum_note.h"

#include "lib/core/impl.h"

namespace mien {

void want_column_sum(Tensor& output) { output.impl()->ensure_meta().sum_wanted = true; }
bool wants_column_sum(const Tensor& output) {
  const AutogradMeta* meta = output.impl()->meta.get();
  return meta && meta->sum_wanted;
}
void note_column_sum(const Tensor& gradient, const Tensor& sum) {
  gradient.impl()->ensure_meta().column_sum = sum;
}
Tensor noted_column_sum(const Tensor& gradient) {
  const AutogradMeta* meta = gradient.impl()->meta.get();
  return meta ? meta->column_sum : Tensor();
}
void forget_column_sum(const Tensor& gradient) {
  if (AutogradMeta* meta = gradient.impl()->meta.get()) meta->column_sum = Tensor();
}

}  // namespace mien
