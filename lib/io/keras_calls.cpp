#include "lib/io/keras_calls.h"

#include <nlohmann/json.hpp>

#include "mien/base/error.h"

namespace mien::io {
namespace {

constexpr const char* kInput = "__input__";

// ["conv2d", 0, 0], with more after it in calls of Keras 2.
bool is_history(const Json& value) {
  return value.is_array() && value.size() >= 3 && value[0].is_string() &&
         value[1].is_number_integer() && value[2].is_number_integer();
}

KerasTensor history(const Json& value, const std::string& where) {
  MIEN_CHECK(is_history(value), IoError, where, " refers to no output of a layer: ", value.dump());
  return {value[0].get<std::string>(), value[1].get<std::int64_t>(), value[2].get<std::int64_t>()};
}

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  KerasCall read(const Json& node) {
    call_.arguments = Json::array();
    call_.named = Json::object();
    if (node.is_object()) {
      for (const Json& each : value_at(node, "args")) call_.arguments.push_back(of_three(each));
      for (const auto& [key, value] : value_at(node, "kwargs").items())
        call_.named[key] = of_three(value);
    } else {
      MIEN_CHECK(node.is_array(), IoError, where_,
                 " has a call that is not described: ", node.dump());
      read_two(node);
    }
    return std::move(call_);
  }

 private:
  Json input(KerasTensor tensor) {
    call_.inputs.push_back(std::move(tensor));
    return {{kInput, call_.inputs.size() - 1}};
  }

  // Keras 3: tensors are objects that name their history.
  Json of_three(const Json& value) {
    if (value.is_object() && text_at(value, "class_name") == "__keras_tensor__")
      return input(history(value_at(value_at(value, "config"), "keras_history"), where_));
    if (!value.is_structured()) return value;
    Json out = value.is_array() ? Json::array() : Json::object();
    for (const auto& [key, each] : value.items()) {
      if (value.is_array()) {
        out.push_back(of_three(each));
      } else {
        out[key] = of_three(each);
      }
    }
    return out;
  }

  // Keras 2: [["conv2d", 0, 0, {named arguments}], ..]; the list is left out around the only
  // tensor of a TensorFlow function, and there are two around a list of tensors.
  void read_two(const Json& node) {
    Json first = entry_of_two(node);
    call_.arguments.push_back(std::move(first));
  }

  Json entry_of_two(const Json& node) {
    MIEN_CHECK(node.is_array(), IoError, where_,
               " has a call that is not described: ", node.dump());
    if (!node.empty() && node[0].is_string()) {
      if (node.size() > 3 && node[3].is_object())
        for (const auto& [key, value] : node[3].items())
          if (!call_.named.contains(key)) call_.named[key] = named_of_two(value);
      if (node[0] == "_CONSTANT_VALUE") return node.size() > 2 ? node[2] : Json();
      return input(history(node, where_));
    }
    Json out = Json::array();
    for (const Json& each : node) out.push_back(entry_of_two(each));
    return out.size() == 1 && node[0].is_array() && !node[0].empty() && node[0][0].is_string()
               ? out[0]
               : out;
  }

  Json named_of_two(const Json& value) {
    if (is_history(value) && value.size() == 3) return input(history(value, where_));
    if (!value.is_array()) return value;
    Json out = Json::array();
    for (const Json& each : value) out.push_back(named_of_two(each));
    return out;
  }

  const std::string& where_;
  KerasCall call_;
};

void collect(const Json& list, const std::string& where, std::vector<KerasTensor>& out) {
  if (is_history(list)) {
    out.push_back(history(list, where));
    return;
  }
  MIEN_CHECK(list.is_structured(), IoError, where,
             " refers to no output of a layer: ", list.dump());
  for (const Json& each : list) collect(each, where, out);
}

}  // namespace

KerasCall keras_call(const Json& node, const std::string& where) {
  return Reader(where).read(node);
}

int input_place(const Json& value) {
  const Json& place = value_at(value, kInput);
  return place.is_number_integer() ? place.get<int>() : -1;
}

std::vector<KerasTensor> keras_tensors(const Json& list, const std::string& where) {
  std::vector<KerasTensor> out;
  collect(list, where, out);
  return out;
}

}  // namespace mien::io
