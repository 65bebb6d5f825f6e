#pragma once

#include <string_view>

namespace mien::io {

/// What Keras and TensorFlow call a function of nn::Operation and its arguments. In the lists a
/// space separates places, '|' the names of one place, mien's own first.
struct OperationNames {
  std::string_view function;       // nn::Operation's
  std::string_view keras_class;    // Keras 3's
  const char* module;              // where Keras 3 keeps that
  std::string_view tensorflow;     // names of TensorFlow's, the one that is written first
  int operands;                    // -1: a list of them
  std::string_view operand_names;  // "x1|x x2|y"
  std::string_view arguments;      // "axis|dim keepdims"

  /// The place of an operand of that name, or -1.
  int operand(std::string_view name) const;
  /// nn::Operation's name of an argument, or empty.
  std::string_view argument(std::string_view name) const;
  std::string_view argument_at(std::size_t place) const;
  /// TensorFlow's names, for writing.
  std::string_view tensorflow_name() const;
  std::string_view tensorflow_operand(std::size_t place) const;
  std::string_view tensorflow_argument(std::string_view name) const;
};

/// nullptr where there is none.
const OperationNames* operation_named(std::string_view function);
const OperationNames* operation_of_class(std::string_view keras_class);
const OperationNames* operation_of_tensorflow(std::string_view function);

}  // namespace mien::io
