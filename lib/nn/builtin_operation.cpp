#include "lib/nn/builtin_layers.h"
#include "mien/base/error.h"
#include "mien/nn/operation.h"

namespace mien::nn {
namespace {

std::vector<double> doubles_at(const Config& c, std::string_view key) {
  const Config::Value* value = c.find(key);
  if (const auto* numbers = value ? std::get_if<Config::Doubles>(value) : nullptr) return *numbers;
  std::vector<double> out;  // whole numbers may have come back as integers
  for (const std::int64_t each : c.get_ints(key, {})) out.push_back(double(each));
  return out;
}

std::unique_ptr<Module> operation_from(const Config& c) {
  OperationOptions options;
  for (const Config& each : c.get_list("operands")) {
    if (each.has("input")) {
      options.operands.push_back({.input = int(each.need_int("input"))});
    } else {
      options.operands.push_back(
          {.values = doubles_at(each, "values"), .shape = each.get_ints("shape", {})});
    }
  }
  if (const Config::List& arguments = c.get_list("arguments"); !arguments.empty())
    options.arguments = arguments.front();
  return made(Operation(c.get_string("function", ""), std::move(options)));
}

constexpr BuiltinLayer kLayers[] = {{"Operation", operation_from}};

}  // namespace

std::span<const BuiltinLayer> builtin_operation() { return kLayers; }

}  // namespace mien::nn
