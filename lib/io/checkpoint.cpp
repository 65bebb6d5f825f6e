#include "mien/io/checkpoint.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "lib/io/file.h"
#include "lib/io/safetensors.h"
#include "mien/base/error.h"

namespace mien::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "mien-checkpoint-1";

// JSON knows no inf and NaN, so these few become {"double": "nan"}.
Json to_json(double value) {
  if (std::isfinite(value)) return value;
  return {{"double", std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"}};
}

// The tree without its tensors, which go to `tensors` under their path.
Json to_json(const State& state, const std::string& path, std::vector<NamedTensor>& tensors) {
  Json items = Json::array();
  for (const State::Item& item : state.items()) {
    Json value;
    if (const auto* integer = std::get_if<std::int64_t>(&item.value)) value = *integer;
    if (const auto* number = std::get_if<double>(&item.value)) value = to_json(*number);
    if (const auto* text = std::get_if<std::string>(&item.value)) value = *text;
    if (const auto* tensor = std::get_if<Tensor>(&item.value)) {
      value = {{"tensor", path + item.name}};
      tensors.push_back({path + item.name, *tensor});
    }
    if (const auto* group = std::get_if<std::unique_ptr<State>>(&item.value))
      value = {{"group", to_json(**group, path + item.name + "/", tensors)}};
    items.push_back({item.name, std::move(value)});
  }
  return items;
}

double special(const std::string& text, const std::string& path) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  MIEN_CHECK(text == "inf" || text == "-inf", IoError, path, ": damaged checkpoint (number '", text,
             "')");
  return text == "inf" ? inf : -inf;
}

void from_json(const Json& items, const std::vector<NamedTensor>& tensors, const std::string& path,
               int depth, State& out) {
  MIEN_CHECK(items.is_array() && depth < 32, IoError, path,
             ": damaged checkpoint (no list of items)");
  for (const Json& item : items) {
    MIEN_CHECK(item.is_array() && item.size() == 2 && item[0].is_string(), IoError, path,
               ": damaged checkpoint (no name and value)");
    const auto name = item[0].get<std::string>();
    const Json& value = item[1];
    if (value.is_number_integer()) {
      out.set(name, value.get<std::int64_t>());
    } else if (value.is_number_float()) {
      out.set(name, value.get<double>());
    } else if (value.is_string()) {
      out.set(name, value.get<std::string>());
    } else if (value.is_object() && value.size() == 1 && value.begin().key() == "group") {
      from_json(value.begin().value(), tensors, path, depth + 1, out.group(name));
    } else if (value.is_object() && value.size() == 1 && value.begin().value().is_string()) {
      const auto text = value.begin().value().get<std::string>();
      if (value.begin().key() == "double") {
        out.set(name, special(text, path));
        continue;
      }
      const Tensor* found = nullptr;
      for (const NamedTensor& each : tensors)
        if (each.name == text) found = &each.value;
      MIEN_CHECK(found, IoError, path, ": damaged checkpoint (no tensor '", text, "')");
      out.set(name, *found);
    } else {
      MIEN_CHECK(false, IoError, path, ": damaged checkpoint (value of '", name, "')");
    }
  }
}

// FNV-1a over 64-bit words: against damage, not against malice.
class Checksum {
 public:
  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      std::uint64_t word = 0;
      const std::size_t n = std::min<std::size_t>(8, bytes.size());
      std::char_traits<char>::copy(reinterpret_cast<char*>(&word), bytes.data(), n);
      hash_ = (hash_ ^ word) * 0x100000001b3u;
      hash_ ^= hash_ >> 29;
      bytes.remove_prefix(n);
    }
  }
  std::string str() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash_));
    return text;
  }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

std::string_view bytes_of(const Tensor& tensor) {
  return {static_cast<const char*>(tensor.raw()), tensor.bytes()};
}

std::string checksum(const std::string& state, const std::vector<NamedTensor>& tensors) {
  Checksum sum;
  sum.add(state);
  for (const NamedTensor& each : tensors) {
    sum.add(each.name);
    sum.add(bytes_of(each.value));
  }
  return sum.str();
}

}  // namespace

void save_checkpoint(const State& state, const std::string& path) {
  Safetensors content;
  const std::string text =
      to_json(state, "", content.tensors).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (NamedTensor& each : content.tensors) each.value = each.value.to(kCpu);
  content.metadata = {{"format", kFormat}, {"state", text}};
  // The order of the bytes is the writer's, so the sum follows it.
  content.metadata.emplace_back("checksum", checksum(text, safetensors_header(content).order));
  const SafetensorsHeader header = safetensors_header(content);
  std::vector<std::string_view> parts{header.bytes};
  for (const NamedTensor& each : header.order) parts.push_back(bytes_of(each.value));
  AtomicFile file(path);
  file.write(parts);
  file.commit();
}

State load_checkpoint(const std::string& path) {
  const std::string bytes = read_file(path);
  const Safetensors content = parse_safetensors(bytes, path);
  std::string format, text, sum;
  for (const auto& [key, value] : content.metadata) {
    if (key == "format") format = value;
    if (key == "state") text = value;
    if (key == "checksum") sum = value;
  }
  MIEN_CHECK(format == kFormat, IoError, path, ": not a checkpoint of mien",
             format.empty() ? std::string() : " that this version reads (" + format + ")");
  MIEN_CHECK(sum == checksum(text, content.tensors), IoError, path,
             ": damaged checkpoint (its checksum differs)");
  State state;
  from_json(Json::parse(text, nullptr, /*allow_exceptions=*/false), content.tensors, path, 0,
            state);
  return state;
}

}  // namespace mien::io
