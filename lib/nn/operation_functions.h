#pragma once

#include <span>
#include <string_view>

#include "mien/nn/config.h"
#include "mien/tensor.h"

namespace mien::nn {

/// An operand as a function gets it: a tensor, or one number where that is undefined.
struct OperandValue {
  Tensor tensor{};
  double number = 0;
};

/// A function of Operation's.
struct OperationFunction {
  std::string_view name;
  int operands;  // -1: any number from one on
  Tensor (*run)(std::span<const OperandValue> x, const Config& arguments);
};

/// nullptr where there is none of that name.
const OperationFunction* operation_function(std::string_view name);

}  // namespace mien::nn
