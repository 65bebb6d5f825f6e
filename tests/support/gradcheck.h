#pragma once

#include <functional>
#include <string>

#include "mien/tensor.h"

namespace mien {

struct GradcheckOptions {
  double step = 1e-5;       // of the central difference
  double tolerance = 1e-6;  // largest |analytic - numeric| over max(1, |numeric|)
};

/// Compares the gradients that backward() gives with central differences, for every element of
/// every input (f64). f maps the inputs to one tensor of any shape; its elements are weighed by
/// fixed random numbers, so that errors do not cancel. Returns "" or a line that names input,
/// element and both values:
///   REQUIRE(gradcheck([](const Tensors& x) { return relu(x[0]); }, {x}) == "");
/// Also fails where an input's gradient stays undefined, and where a second backward does not
/// double it (beta).
std::string gradcheck(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs,
                      const GradcheckOptions& options = {});

/// The same for leaves that f itself holds, such as a layer's parameters.
std::string gradcheck_leaves(const std::function<Tensor()>& f, const Tensors& leaves,
                             const GradcheckOptions& options = {});

}  // namespace mien
