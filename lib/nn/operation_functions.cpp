#include "lib/nn/operation_functions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mien/base/error.h"
#include "mien/ops/activations.h"
#include "mien/ops/elementwise.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

using Operands = std::span<const OperandValue>;

// The operand as a tensor of the kind of the others.
Tensor whole(const OperandValue& x, Operands all) {
  if (x.tensor.defined()) return x.tensor;
  TensorOptions options;
  for (const OperandValue& each : all)
    if (each.tensor.defined()) options = each.tensor.options();
  return Tensor::full({}, x.number, options);
}

template <Tensor (*f)(const Tensor&, const Tensor&)>
Tensor binary(Operands x, const Config&) {
  return f(whole(x[0], x), whole(x[1], x));
}

Tensor plus(Operands x, const Config& c) {
  if (!x[1].tensor.defined() && x[0].tensor.defined()) return x[0].tensor + x[1].number;
  if (!x[0].tensor.defined() && x[1].tensor.defined()) return x[0].number + x[1].tensor;
  return binary<add>(x, c);
}
Tensor minus(Operands x, const Config& c) {
  if (!x[1].tensor.defined() && x[0].tensor.defined()) return x[0].tensor - x[1].number;
  if (!x[0].tensor.defined() && x[1].tensor.defined()) return x[0].number - x[1].tensor;
  return binary<sub>(x, c);
}
Tensor times(Operands x, const Config& c) {
  if (!x[1].tensor.defined() && x[0].tensor.defined()) return x[0].tensor * x[1].number;
  if (!x[0].tensor.defined() && x[1].tensor.defined()) return x[0].number * x[1].tensor;
  return binary<mul>(x, c);
}
Tensor over(Operands x, const Config& c) {
  if (!x[1].tensor.defined() && x[0].tensor.defined()) return x[0].tensor / x[1].number;
  if (!x[0].tensor.defined() && x[1].tensor.defined()) return x[0].number / x[1].tensor;
  return binary<div>(x, c);
}
Tensor raised(Operands x, const Config& c) {
  if (!x[1].tensor.defined() && x[0].tensor.defined()) return pow(x[0].tensor, x[1].number);
  return binary<pow>(x, c);
}

template <Tensor (*f)(const Tensor&)>
Tensor unary(Operands x, const Config&) {
  return f(x[0].tensor);
}

Tensor same(const Tensor& x) { return x; }
Tensor relu6(const Tensor& x) { return clip(x, 0, 6); }
Tensor rsqrt(const Tensor& x) { return reciprocal(sqrt(x)); }
Tensor softsign(const Tensor& x) { return x / (abs(x) + 1.0); }
Tensor hard_silu(const Tensor& x) { return x * hard_sigmoid(x); }
Tensor stopped(const Tensor& x) { return x.detach(); }

Axes axes_of(const Config& c, const char* key) {
  Axes axes;
  for (const std::int64_t axis : c.get_ints(key, {})) axes.push_back(int(axis));
  return axes;
}

template <Tensor (*f)(const Tensor&, const Axes&, const ReduceOptions&)>
Tensor reduction(Operands x, const Config& c) {
  return f(x[0].tensor, axes_of(c, "axis"), {.keepdims = c.get_bool("keepdims", false)});
}

template <Tensor (*f)(std::span<const Tensor>, int)>
Tensor joined(Operands x, const Config& c, int axis) {
  Tensors parts;
  for (const OperandValue& each : x) parts.push_back(whole(each, x));
  return f(parts, int(c.get_int("axis", axis)));
}

std::int64_t number_of(const std::string& text) {
  std::size_t used = 0;
  try {
    const std::int64_t value = std::stoll(text, &used);
    if (used == text.size()) return value;
  } catch (const std::exception&) {
  }
  throw ValueError("get_item: '" + text + "' is no index");
}

// "1:3" of an axis; parts that are left out are the axis's ends.
Tensor range_of(const Tensor& x, int axis, const std::string& text) {
  SliceRange range;
  const std::size_t first = text.find(':'), second = text.find(':', first + 1);
  const std::string begin = text.substr(0, first), end = text.substr(first + 1, second - first - 1);
  if (!begin.empty()) range.begin = number_of(begin);
  if (!end.empty()) range.end = number_of(end);
  if (second != std::string::npos && second + 1 < text.size())
    range.step = number_of(text.substr(second + 1));
  // As in Python, ends beyond the axis are its ends.
  const std::int64_t size = x.shape()[axis];
  if (range.begin < 0) range.begin = std::max<std::int64_t>(0, range.begin + size);
  if (range.end < 0) range.end = std::max<std::int64_t>(0, range.end + size);
  range.begin = std::min(range.begin, size);
  range.end = std::max(std::min(range.end, size), range.begin);
  return range.begin == 0 && range.end == size && range.step == 1 ? x : slice(x, axis, range);
}

Tensor get_item(Operands x, const Config& c) {
  const Config::Strings key = c.get_strings("key");
  int taken = 0;  // axes that the key names
  for (const std::string& part : key) taken += part != "..." && part != "newaxis";
  Tensor y = x[0].tensor;
  MIEN_CHECK(taken <= y.rank(), ShapeError, "get_item: too many indices for ", y.shape());
  int axis = 0;
  for (const std::string& part : key) {
    if (part == "...") {
      axis += x[0].tensor.rank() - taken;
    } else if (part == "newaxis") {
      y = expand_dims(y, axis++);
    } else if (part.find(':') != std::string::npos) {
      y = range_of(y, axis, part);
      ++axis;
    } else {
      std::int64_t at = number_of(part);
      const std::int64_t size = y.shape()[axis];
      if (at < 0) at += size;
      MIEN_CHECK(0 <= at && at < size, ShapeError, "get_item: index ", at, " is out of range for ",
                 y.shape());
      y = squeeze(slice(y, axis, {.begin = at, .end = at + 1}), {axis});
    }
  }
  return y;
}

Tensor clipped(Operands x, const Config& c) {
  constexpr double beyond = std::numeric_limits<double>::infinity();
  return clip(x[0].tensor, c.get_double("x_min", -beyond), c.get_double("x_max", beyond));
}

constexpr OperationFunction kFunctions[] = {
    {"absolute", 1, unary<abs>},
    {"add", 2, plus},
    {"clip", 1, clipped},
    {"concatenate", -1, [](Operands x, const Config& c) { return joined<concatenate>(x, c, -1); }},
    {"divide", 2, over},
    {"elu", 1,
     [](Operands x, const Config& c) { return elu(x[0].tensor, c.get_double("alpha", 1)); }},
    {"exp", 1, unary<exp>},
    {"expand_dims", 1,
     [](Operands x, const Config& c) {
       return expand_dims(x[0].tensor, int(c.get_int("axis", -1)));
     }},
    {"gelu", 1,
     [](Operands x, const Config& c) {
       return gelu(x[0].tensor, {.approximate = c.get_bool("approximate", true)});
     }},
    {"get_item", 1, get_item},
    {"hard_sigmoid", 1, unary<hard_sigmoid>},
    {"hard_silu", 1, unary<hard_silu>},
    {"identity", 1, unary<same>},
    {"leaky_relu", 1,
     [](Operands x, const Config& c) {
       return leaky_relu(x[0].tensor, c.get_double("negative_slope", 0.2));
     }},
    {"log", 1, unary<log>},
    {"log_softmax", 1,
     [](Operands x, const Config& c) {
       return log_softmax(x[0].tensor, int(c.get_int("axis", -1)));
     }},
    {"matmul", 2, [](Operands x, const Config&) { return matmul(whole(x[0], x), whole(x[1], x)); }},
    {"max", 1, reduction<max>},
    {"maximum", 2, binary<maximum>},
    {"mean", 1, reduction<mean>},
    {"min", 1, reduction<min>},
    {"minimum", 2, binary<minimum>},
    {"multiply", 2, times},
    {"negative", 1, unary<neg>},
    {"power", 2, raised},
    {"reciprocal", 1, unary<reciprocal>},
    {"relu", 1, unary<relu>},
    {"relu6", 1, unary<relu6>},
    {"reshape", 1,
     [](Operands x, const Config& c) { return reshape(x[0].tensor, c.get_ints("newshape", {})); }},
    {"rsqrt", 1, unary<rsqrt>},
    {"selu", 1, unary<selu>},
    {"sigmoid", 1, unary<sigmoid>},
    {"sign", 1, unary<sign>},
    {"silu", 1, unary<silu>},
    {"softmax", 1,
     [](Operands x, const Config& c) { return softmax(x[0].tensor, int(c.get_int("axis", -1))); }},
    {"softplus", 1, unary<softplus>},
    {"softsign", 1, unary<softsign>},
    {"sqrt", 1, unary<sqrt>},
    {"square", 1, unary<square>},
    {"squeeze", 1,
     [](Operands x, const Config& c) { return squeeze(x[0].tensor, axes_of(c, "axis")); }},
    {"stack", -1, [](Operands x, const Config& c) { return joined<stack>(x, c, 0); }},
    {"stop_gradient", 1, unary<stopped>},
    {"subtract", 2, minus},
    {"sum", 1, reduction<sum>},
    {"tanh", 1, unary<tanh>},
    {"transpose", 1,
     [](Operands x, const Config& c) { return transpose(x[0].tensor, axes_of(c, "axes")); }},
};

}  // namespace

const OperationFunction* operation_function(std::string_view name) {
  for (const OperationFunction& each : kFunctions)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace mien::nn
