#include "lib/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "mien/base/error.h"

namespace mien::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxHeader = 100'000'000;  // the format's own limit

struct TypeName {
  DType dtype;
  const char* name;
};
constexpr TypeName kTypes[] = {{DType::f64, "F64"},
                               {DType::f32, "F32"},
                               {DType::i32, "I32"},
                               {DType::bf16, "BF16"},
                               {DType::u8, "U8"}};

const char* type_name(DType dtype) {
  for (const TypeName& each : kTypes)
    if (each.dtype == dtype) return each.name;
  return "";
}

std::optional<DType> type_of(const std::string& name) {
  for (const TypeName& each : kTypes)
    if (name == each.name) return each.dtype;
  return {};
}

// Every size is checked before it is multiplied: a header may claim anything.
Shape shape_of(const Json& dims, const std::string& path, const std::string& name) {
  MIEN_CHECK(dims.is_array() && dims.size() <= std::size_t(Shape::kMaxRank), IoError, path,
             ": tensor '", name, "' has no shape of at most ", Shape::kMaxRank, " axes");
  Shape shape;
  std::int64_t numel = 1;
  for (const Json& size : dims) {
    MIEN_CHECK(size.is_number_unsigned(), IoError, path, ": tensor '", name,
               "' has a size that is no number");
    const auto value = size.get<std::uint64_t>();
    MIEN_CHECK(value <= std::uint64_t(1) << 40 &&
                   (value == 0 || numel <= (std::int64_t(1) << 40) / std::int64_t(value)),
               IoError, path, ": tensor '", name, "' is too large");
    numel *= std::int64_t(value);
    shape.push_back(std::int64_t(value));
  }
  return shape;
}

struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  std::uint64_t begin, end;
};

Entry entry_of(const std::string& name, const Json& value, const std::string& path) {
  MIEN_CHECK(value.is_object() && value.contains("dtype") && value.contains("shape") &&
                 value.contains("data_offsets"),
             IoError, path, ": tensor '", name, "' is not described");
  const Json& type = value["dtype"];
  const std::optional<DType> dtype =
      type.is_string() ? type_of(type.get<std::string>()) : std::nullopt;
  MIEN_CHECK(dtype, IoError, path, ": tensor '", name, "' has the element type ", type.dump(),
             ", which is not read");
  const Json& offsets = value["data_offsets"];
  MIEN_CHECK(offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
                 offsets[1].is_number_unsigned(),
             IoError, path, ": tensor '", name, "' has no offsets");
  Entry entry{name, *dtype, shape_of(value["shape"], path, name), offsets[0].get<std::uint64_t>(),
              offsets[1].get<std::uint64_t>()};
  const std::uint64_t bytes = std::uint64_t(entry.shape.numel()) * size_of(entry.dtype);
  MIEN_CHECK(entry.begin <= entry.end && entry.end - entry.begin == bytes, IoError, path,
             ": tensor '", name, "' has offsets that do not fit its shape ", entry.shape);
  return entry;
}

Json parse_header(std::string_view bytes, const std::string& path, std::size_t& data_start) {
  std::uint64_t length = 0;
  MIEN_CHECK(bytes.size() >= 8, IoError, path, ": too short for a safetensors file");
  std::memcpy(&length, bytes.data(), 8);
  MIEN_CHECK(length <= kMaxHeader && length <= bytes.size() - 8, IoError, path,
             ": not a safetensors file, or truncated");
  data_start = 8 + std::size_t(length);
  // Duplicate keys would silently win over each other.
  std::vector<std::vector<std::string>> keys;
  bool duplicate = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start)
      keys.resize(std::size_t(depth) + 1), keys.back().clear();
    if (event == Json::parse_event_t::key && depth <= 2) {
      auto& level = keys[std::size_t(depth) - 1];
      level.push_back(parsed.get<std::string>());
    }
    if (event == Json::parse_event_t::object_end && std::size_t(depth) < keys.size()) {
      auto& level = keys[std::size_t(depth)];
      std::sort(level.begin(), level.end());
      duplicate = duplicate || std::adjacent_find(level.begin(), level.end()) != level.end();
    }
    return true;
  };
  const std::string_view text = bytes.substr(8, std::size_t(length));
  Json header = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  MIEN_CHECK(header.is_object() && text.front() == '{', IoError, path,
             ": not a safetensors file (its header is no JSON)");
  MIEN_CHECK(!duplicate, IoError, path, ": a name stands twice in its header");
  return header;
}

}  // namespace

SafetensorsHeader safetensors_header(const Safetensors& content) {
  SafetensorsHeader out;
  for (const NamedTensor& each : content.tensors)
    out.order.push_back({each.name, each.value.detach().to(kCpu)});
  std::sort(out.order.begin(), out.order.end(), [](const NamedTensor& a, const NamedTensor& b) {
    const std::size_t x = size_of(a.value.dtype()), y = size_of(b.value.dtype());
    return x != y ? x > y : a.name < b.name;
  });
  Json header = Json::object();
  if (!content.metadata.empty()) {
    Json& metadata = header["__metadata__"] = Json::object();
    for (const auto& [key, value] : content.metadata) metadata[key] = value;
  }
  std::uint64_t offset = 0;
  for (const NamedTensor& each : out.order) {
    const std::uint64_t end = offset + each.value.bytes();
    Json dims = Json::array();
    for (const std::int64_t size : each.value.shape()) dims.push_back(std::uint64_t(size));
    header[each.name] = {
        {"dtype", type_name(each.value.dtype())}, {"shape", dims}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data start 8-aligned
  const std::uint64_t length = text.size();
  out.bytes.assign(reinterpret_cast<const char*>(&length), 8);
  out.bytes += text;
  return out;
}

Safetensors parse_safetensors(std::string_view bytes, const std::string& path) {
  std::size_t data_start = 0;
  const Json header = parse_header(bytes, path, data_start);
  Safetensors out;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(entry_of(name, value, path));
      continue;
    }
    MIEN_CHECK(value.is_object(), IoError, path, ": its metadata is no object");
    for (const auto& [key, text] : value.items()) {
      MIEN_CHECK(text.is_string(), IoError, path, ": metadata '", key, "' is no string");
      out.metadata.emplace_back(key, text.get<std::string>());
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::uint64_t at = 0;
  for (const Entry& entry : entries) {
    MIEN_CHECK(entry.begin == at, IoError, path, ": tensor '", entry.name,
               "' leaves a hole or overlaps");
    at = entry.end;
  }
  MIEN_CHECK(at == bytes.size() - data_start, IoError, path, ": holds ", bytes.size() - data_start,
             " bytes of tensors where its header names ", at, " (truncated?)");
  for (const Entry& entry : entries) {
    Tensor tensor = Tensor::empty(entry.shape, {.dtype = entry.dtype, .device = kCpu});
    if (tensor.bytes() > 0)
      std::memcpy(tensor.raw(), bytes.data() + data_start + entry.begin, tensor.bytes());
    out.tensors.push_back({entry.name, tensor});
  }
  return out;
}

}  // namespace mien::io
