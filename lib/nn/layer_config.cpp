#include "lib/nn/layer_config.h"

#include <string>

#include "lib/core/logits.h"
#include "mien/base/error.h"
#include "mien/ops/activations.h"

namespace mien::nn {
namespace {

// The object under the key where there is one.
const Config* object_at(const Config& config, std::string_view key) {
  const Config::List& list = config.get_list(key);
  return list.empty() ? nullptr : &list.front();
}

bool is_off(const Config::Value* value) {
  if (!value || std::holds_alternative<std::monostate>(*value)) return true;
  if (const auto* flag = std::get_if<bool>(value)) return !*flag;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return *whole == 0;
  const auto* number = std::get_if<double>(value);
  return number && *number == 0;
}

}  // namespace

void check_sample(const Module& layer, const Shape& in, int rank, const char* wanted) {
  MIEN_CHECK(in.rank() == rank, ShapeError, layer.kind(), ": a sample must be ", wanted, "; got ",
             in);
}

void check_channels(const Module& layer, std::int64_t built, const Shape& in) {
  Shape wanted = in;
  wanted[-1] = built;
  MIEN_CHECK(wanted == in, ShapeError, layer.kind(), ": was built for samples of ", wanted,
             "; got ", in);
}

void check_built(const Module& layer, const Tensor& weight) {
  MIEN_CHECK(weight.defined(), ValueError, layer.kind(),
             ": is not built; call build() with the shape of one sample");
}

void check_positive(const char* kind, const char* option, std::initializer_list<int> values) {
  for (const int value : values)
    MIEN_CHECK(value >= 1, ValueError, kind, ": ", option, " must be at least 1; got ", value);
}

void check_padding(const char* kind, Padding padding) {
  MIEN_CHECK(padding == Padding::valid || padding == Padding::same, ValueError, kind,
             ": padding must be valid or same");
}

Tensor activated(const Tensor& x, Act act) {
  if (act == Act::none) return x;
  if (act == Act::softmax && x.dtype() == DType::bf16) return activated(x.to(DType::f32), act);
  // Those that are made of several ops keep their steps in f32.
  if (act > Act::exponential && x.dtype() == DType::bf16)
    return activation(x.to(DType::f32), act).to(DType::bf16);
  Tensor y = activation(x, act);
  if (act == Act::softmax || act == Act::sigmoid) note_logits(y, x, act);
  return y;
}

Config::Value pair_value(const std::array<int, 2>& pair) { return Config::Ints{pair[0], pair[1]}; }

std::array<int, 2> pair_from(const Config& config, std::string_view key,
                             std::array<int, 2> fallback) {
  const Config::Ints values = config.get_ints(key, {fallback[0], fallback[1]});
  if (values.size() == 1) return {int(values[0]), int(values[0])};
  MIEN_CHECK(values.size() == 2, ValueError, "config: '", key, "' must be one or two integers");
  return {int(values[0]), int(values[1])};
}

Config::Value axes_value(const Axes& axes) {
  if (axes.size() == 1) return std::int64_t(axes[0]);
  return Config::Ints(axes.begin(), axes.end());
}

Axes axes_from(const Config& config, std::string_view key, const Axes& fallback) {
  const Config::Ints given = config.get_ints(key, Config::Ints(fallback.begin(), fallback.end()));
  Axes axes;
  for (const std::int64_t axis : given) axes.push_back(int(axis));
  return axes;
}

Config::Value numbers_value(const std::vector<double>& numbers) {
  if (numbers.empty()) return std::monostate();
  if (numbers.size() == 1) return numbers[0];
  return numbers;
}

std::vector<double> numbers_from(const Config& config, std::string_view key,
                                 const std::vector<double>& fallback) {
  const Config::Value* value = config.find(key);
  if (!value || std::holds_alternative<std::monostate>(*value)) return fallback;
  std::vector<double> numbers;
  if (const auto* whole = std::get_if<std::int64_t>(value)) numbers = {double(*whole)};
  if (const auto* number = std::get_if<double>(value)) numbers = {*number};
  if (const auto* list = std::get_if<Config::Ints>(value))
    numbers.assign(list->begin(), list->end());
  if (const auto* list = std::get_if<Config::Doubles>(value)) numbers = *list;
  if (const auto* object = std::get_if<Config::List>(value); object && object->size() == 1) {
    const Config& array = object->front();  // {"class_name": "__numpy__", "config": {"value": ..}}
    if (const Config* inner = object_at(array, "config")) return numbers_from(*inner, "value", {});
  }
  MIEN_CHECK(!numbers.empty(), ValueError, "config: '", key,
             "' must be a number or a list of numbers");
  return numbers;
}

Config::Value one_value(int value) { return Config::Ints{value}; }

int one_from(const Config& config, std::string_view key, int fallback) {
  const Config::Ints values = config.get_ints(key, {fallback});
  MIEN_CHECK(values.size() == 1, ValueError, "config: '", key, "' must be one integer");
  return int(values[0]);
}

Config::Value initializer_value(const Initializer& initializer) {
  return Config::List{initializer.config()};
}

Initializer initializer_from(const Config& config, std::string_view key,
                             const Initializer& fallback) {
  const Config* object = object_at(config, key);
  return object ? Initializer::from(*object) : fallback;
}

Config::Value regularizer_value(const Regularizer& regularizer) {
  if (!regularizer.active()) return std::monostate();
  return Config::List{
      Config().set("class_name", "L1L2").set("l1", regularizer.l1).set("l2", regularizer.l2)};
}

Regularizer regularizer_from(const Config& config, std::string_view key) {
  const Config* object = object_at(config, key);
  if (!object) return {};
  const std::string kind = object->get_string("class_name", "");
  MIEN_CHECK(kind == "L1L2" || kind == "L1" || kind == "L2", ValueError, "unknown regularizer '",
             kind, "'");
  return {.l1 = object->get_double("l1", 0), .l2 = object->get_double("l2", 0)};
}

const char* padding_name(Padding padding) {
  return padding == Padding::same ? "same" : padding == Padding::causal ? "causal" : "valid";
}

Padding padding_from(const Config& config, bool causal) {
  const std::string name = config.get_string("padding", "valid");
  if (causal && name == "causal") return Padding::causal;
  MIEN_CHECK(name == "same" || name == "valid", ValueError, "config: padding must be valid",
             causal ? ", same or causal" : " or same", "; got '", name, "'");
  return name == "same" ? Padding::same : Padding::valid;
}

Act act_from(const Config& config) { return act_named(config.get_string("activation", "linear")); }

void refuse_options(const Config& config, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    MIEN_CHECK(is_off(config.find(key)), ValueError, config.get_string("class_name", ""), " '",
               config.get_string("name", ""), "': ", key, " is not supported");
}

void refuse_untrainable(const Config& config) {
  refuse_options(config, {"activity_regularizer", "lora_rank", "quantization_config"});
  for (const Config::Item& item : config.items())
    if (item.key.ends_with("_constraint")) refuse_options(config, {item.key});
}

}  // namespace mien::nn
