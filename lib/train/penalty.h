#pragma once

#include <span>
#include <vector>

#include "mien/nn/module.h"

namespace mien {

/// The model's penalties on weights that are trained; frozen ones have none, as in Keras.
std::vector<nn::Module::Penalty> active_penalties(const nn::Module& model);

/// Sum of l1 * sum |w| + l2 * sum w^2, a scalar; undefined where there are no penalties. Recorded
/// before the forward pass, it adds its gradients after all others.
Tensor penalty_sum(std::span<const nn::Module::Penalty> penalties);

}  // namespace mien
