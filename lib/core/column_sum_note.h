#pragma once

#include "mien/tensor.h"

namespace mien {

/// An op that adds a bias wants its gradient, the sum of dy over all axes but the last. Who makes
/// dy can have that on the way, where a pass of its own would read all of dy again. So the one
/// notes on its output that it wants the sum, and the other notes the sum [C] on the gradient of
/// that output. A note is on this tensor object; it is dropped where the gradient changes.
void want_column_sum(Tensor& output);
bool wants_column_sum(const Tensor& output);
void note_column_sum(const Tensor& gradient, const Tensor& sum);
/// Undefined where none was noted.
Tensor noted_column_sum(const Tensor& gradient);
void forget_column_sum(const Tensor& gradient);

}  // namespace mien
