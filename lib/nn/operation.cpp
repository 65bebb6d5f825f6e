#include "mien/nn/operation.h"

#include <utility>

#include "lib/nn/operation_functions.h"
#include "mien/autograd.h"
#include "mien/base/error.h"

namespace mien::nn {
namespace {

std::string where(const std::string& function, const std::string& name) {
  return "Operation " + function + (name.empty() ? "" : " '" + name + "'");
}

}  // namespace

Operation::Operation(std::string function, OperationOptions options)
    : function_(std::move(function)), options_(std::move(options)) {
  set_name(options_.name);
  const OperationFunction* found = operation_function(function_);
  MIEN_CHECK(found, ValueError, where(function_, name()), ": there is no such function");
  const std::size_t given = options_.operands.size();
  MIEN_CHECK(
      given == 0 || (found->operands < 0 ? given >= 1 : given == std::size_t(found->operands)),
      ValueError, where(function_, name()), ": takes ", found->operands, " operands; got ", given);
  for (const Operand& each : options_.operands) {
    if (each.input >= 0) continue;
    const Shape shape{std::span<const std::int64_t>(each.shape)};
    MIEN_CHECK(shape.numel() == std::int64_t(each.values.size()), ValueError,
               where(function_, name()), ": ", each.values.size(), " numbers are not of shape ",
               shape);
  }
}

bool Operation::knows(std::string_view function) { return operation_function(function) != nullptr; }

Tensors Operation::call(std::span<const Tensor> in, Pass&) const {
  const OperationFunction& f = *operation_function(function_);
  std::vector<OperandValue> x;
  if (options_.operands.empty())
    for (const Tensor& each : in) x.push_back({each});
  for (const Operand& each : options_.operands) {
    if (each.input >= 0) {
      MIEN_CHECK(std::size_t(each.input) < in.size(), ValueError, where(function_, name()),
                 ": wants input ", each.input, "; got ", in.size(), " inputs");
      x.push_back({in[std::size_t(each.input)]});
    } else if (each.shape.empty()) {
      x.push_back({{}, each.values[0]});
    } else {
      MIEN_CHECK(!in.empty(), ValueError, where(function_, name()), ": takes one input or more");
      x.push_back(
          {Tensor::from(std::span<const double>(each.values),
                        Shape(std::span<const std::int64_t>(each.shape)), in[0].options())});
    }
  }
  MIEN_CHECK(f.operands < 0 ? !x.empty() : x.size() == std::size_t(f.operands), ValueError,
             where(function_, name()), ": takes ", f.operands, " operands; got ", x.size());
  return f.run(x, options_.arguments);
}

// The function itself tells what it makes of a small batch.
Shapes Operation::build(std::span<const Shape> in) {
  constexpr std::int64_t batch = 2;
  const NoGradGuard quiet;
  Tensors samples;
  for (const Shape& shape : in) samples.push_back(Tensor::zeros(join({batch}, shape)));
  Pass inference;
  const Tensor y = call(samples, inference)[0];
  MIEN_CHECK(y.rank() >= 1 && y.shape()[0] == batch, ShapeError, where(function_, name()),
             ": must leave the batch as it is; of ", batch, " samples it makes ", y.shape());
  return y.shape().slice(1);
}

Config Operation::config() const {
  Config config;
  config.set("function", Config::Value(function_));
  Config::List operands;
  for (const Operand& each : options_.operands) {
    if (each.input >= 0) {
      operands.push_back(Config().set("input", each.input));
    } else {
      operands.push_back(Config().set("values", each.values).set("shape", each.shape));
    }
  }
  if (!operands.empty()) config.set("operands", std::move(operands));
  if (!options_.arguments.empty()) config.set("arguments", Config::List{options_.arguments});
  return config;
}

}  // namespace mien::nn
