#pragma once

#include "mien/base/act.h"
#include "mien/tensor.h"

namespace mien {

/// Notes on probabilities, the output of a layer, that they are act(logits): softmax over the last
/// axis or sigmoid. Cross-entropy then works on the logits, as Keras does, so that a saturated
/// prediction still has a gradient. The note is on this tensor object, whatever the grad mode;
/// views and conversions of it do not have it.
void note_logits(Tensor& probabilities, const Tensor& logits, Act act);

/// The tensor in f32 where it is bf16, else itself: what losses compute with. Its logits, where it
/// has any, are noted on the result, in f32 too.
Tensor widened(const Tensor& x);

/// The logits noted for this activation, nullptr where there are none.
const Tensor* logits_of(const Tensor& probabilities, Act act);

}  // namespace mien
