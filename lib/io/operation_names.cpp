#include "lib/io/operation_names.h"

#include <algorithm>

namespace mien::io {
namespace {

constexpr const char* kNumpy = "keras.src.ops.numpy";
constexpr const char* kNn = "keras.src.ops.nn";
constexpr const char* kCore = "keras.src.ops.core";
constexpr const char* kMath = "keras.src.ops.math";

constexpr std::string_view kOne = "x|features|logits|input|input_tensor|tensor|value|a";
constexpr std::string_view kTwo = "x1|x|a x2|y|b";
constexpr std::string_view kReduced = "axis keepdims|keep_dims";

// TensorFlow's name for an argument, where it differs, comes last: it is the one that is written.
constexpr OperationNames kNames[] = {
    {"absolute", "Absolute", kNumpy, "math.abs abs", 1, kOne, ""},
    {"absolute", "Abs", kNumpy, "", 1, kOne, ""},
    {"add", "Add", kNumpy, "__operators__.add math.add add math.add_v2", 2, kTwo, ""},
    {"clip", "Clip", kNumpy, "clip_by_value", 1, "x|t",
     "x_min|clip_value_min x_max|clip_value_max"},
    {"concatenate", "Concatenate", kNumpy, "concat", -1, "xs|values", "axis"},
    {"divide", "Divide", kNumpy, "math.truediv math.divide realdiv math.divide_no_nan", 2, kTwo,
     ""},
    {"divide", "TrueDivide", kNumpy, "", 2, kTwo, ""},
    {"elu", "Elu", kNn, "nn.elu", 1, kOne, "alpha"},
    {"exp", "Exp", kNumpy, "math.exp exp", 1, kOne, ""},
    {"expand_dims", "ExpandDims", kNumpy, "expand_dims", 1, kOne, "axis"},
    {"gelu", "Gelu", kNn, "nn.gelu", 1, kOne, "approximate"},
    {"get_item", "GetItem", kNumpy, "__operators__.getitem", 1, kOne, "key|slice_spec"},
    {"hard_sigmoid", "HardSigmoid", kNn, "", 1, kOne, ""},
    {"hard_silu", "HardSilu", kNn, "", 1, kOne, ""},
    {"identity", "Identity", kNumpy, "identity cast", 1, kOne, ""},
    {"identity", "Cast", kCore, "", 1, kOne, ""},
    {"leaky_relu", "LeakyRelu", kNn, "nn.leaky_relu", 1, kOne, "negative_slope|alpha"},
    {"log", "Log", kNumpy, "math.log", 1, kOne, ""},
    {"log_softmax", "LogSoftmax", kNn, "nn.log_softmax", 1, kOne, "axis"},
    {"matmul", "Matmul", kNumpy, "linalg.matmul matmul", 2, "x1|a x2|b", ""},
    {"max", "Max", kNumpy, "math.reduce_max reduce_max", 1, kOne, kReduced},
    {"maximum", "Maximum", kNumpy, "math.maximum maximum", 2, kTwo, ""},
    {"mean", "Mean", kNumpy, "math.reduce_mean reduce_mean", 1, kOne, kReduced},
    {"min", "Min", kNumpy, "math.reduce_min reduce_min", 1, kOne, kReduced},
    {"minimum", "Minimum", kNumpy, "math.minimum minimum", 2, kTwo, ""},
    {"multiply", "Multiply", kNumpy, "math.multiply multiply", 2, kTwo, ""},
    {"negative", "Negative", kNumpy, "math.negative negative", 1, kOne, ""},
    {"power", "Power", kNumpy, "math.pow pow", 2, kTwo, ""},
    {"reciprocal", "Reciprocal", kNumpy, "math.reciprocal", 1, kOne, ""},
    {"relu", "Relu", kNn, "nn.relu", 1, kOne, ""},
    {"relu6", "Relu6", kNn, "nn.relu6", 1, kOne, ""},
    {"reshape", "Reshape", kNumpy, "reshape", 1, kOne, "newshape|shape"},
    {"rsqrt", "Rsqrt", kMath, "math.rsqrt", 1, kOne, ""},
    {"selu", "Selu", kNn, "nn.selu", 1, kOne, ""},
    {"sigmoid", "Sigmoid", kNn, "math.sigmoid nn.sigmoid sigmoid", 1, kOne, ""},
    {"sign", "Sign", kNumpy, "math.sign sign", 1, kOne, ""},
    {"silu", "Silu", kNn, "nn.silu nn.swish", 1, kOne, ""},
    {"softmax", "Softmax", kNn, "nn.softmax", 1, kOne, "axis"},
    {"softplus", "Softplus", kNn, "math.softplus nn.softplus", 1, kOne, ""},
    {"softsign", "SoftSign", kNn, "nn.softsign math.softsign", 1, kOne, ""},
    {"sqrt", "Sqrt", kNumpy, "math.sqrt sqrt", 1, kOne, ""},
    {"square", "Square", kNumpy, "math.square square", 1, kOne, ""},
    {"squeeze", "Squeeze", kNumpy, "compat.v1.squeeze squeeze", 1, kOne, "axis"},
    {"stack", "Stack", kNumpy, "stack", -1, "x|values", "axis"},
    {"stop_gradient", "StopGradient", kCore, "stop_gradient", 1, "variable|x|input", ""},
    {"subtract", "Subtract", kNumpy, "math.subtract subtract", 2, kTwo, ""},
    {"sum", "Sum", kNumpy, "math.reduce_sum reduce_sum", 1, kOne, kReduced},
    {"tanh", "Tanh", kNumpy, "math.tanh nn.tanh tanh", 1, kOne, ""},
    {"transpose", "Transpose", kNumpy, "transpose compat.v1.transpose", 1, kOne, "axes|perm"},
};

std::string_view part_of(std::string_view list, char separator, std::size_t place) {
  for (; place > 0; --place) {
    const std::size_t end = list.find(separator);
    if (end == std::string_view::npos) return {};
    list.remove_prefix(end + 1);
  }
  return list.substr(0, list.find(separator));
}

bool holds(std::string_view list, char separator, std::string_view word) {
  for (std::size_t i = 0;; ++i) {
    const std::string_view part = part_of(list, separator, i);
    if (part.empty()) return false;
    if (part == word) return true;
  }
}

// The place in a list of alternatives that has the name; -1 where none has.
int place_of(std::string_view list, std::string_view name) {
  for (std::size_t i = 0;; ++i) {
    const std::string_view place = part_of(list, ' ', i);
    if (place.empty()) return -1;
    if (holds(place, '|', name)) return int(i);
  }
}

std::string_view last_of(std::string_view alternatives) {
  const std::size_t bar = alternatives.rfind('|');
  return bar == std::string_view::npos ? alternatives : alternatives.substr(bar + 1);
}

}  // namespace

int OperationNames::operand(std::string_view name) const { return place_of(operand_names, name); }

std::string_view OperationNames::argument(std::string_view name) const {
  const int place = place_of(arguments, name);
  return place < 0 ? std::string_view() : argument_at(std::size_t(place));
}

std::string_view OperationNames::argument_at(std::size_t place) const {
  return part_of(part_of(arguments, ' ', place), '|', 0);
}

std::string_view OperationNames::tensorflow_name() const { return part_of(tensorflow, ' ', 0); }

std::string_view OperationNames::tensorflow_operand(std::size_t place) const {
  const std::string_view names = part_of(operand_names, ' ', place);
  return names == "x2|y|b" ? "y" : last_of(names);
}

std::string_view OperationNames::tensorflow_argument(std::string_view name) const {
  if (name == "keepdims") return name;
  const int place = place_of(arguments, name);
  return place < 0 ? name : last_of(part_of(arguments, ' ', std::size_t(place)));
}

const OperationNames* operation_named(std::string_view function) {
  for (const OperationNames& each : kNames)
    if (each.function == function) return &each;
  return nullptr;
}

const OperationNames* operation_of_class(std::string_view keras_class) {
  for (const OperationNames& each : kNames)
    if (each.keras_class == keras_class) return &each;
  return nullptr;
}

const OperationNames* operation_of_tensorflow(std::string_view function) {
  for (const OperationNames& each : kNames)
    if (holds(each.tensorflow, ' ', function)) return &each;
  return nullptr;
}

}  // namespace mien::io
