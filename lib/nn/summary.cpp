#include "mien/nn/summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "mien/base/error.h"
#include "mien/runtime.h"

namespace mien::nn {
namespace {

std::string with_commas(std::int64_t value) {
  const std::string digits = std::to_string(value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

// "17.08 MB" as Keras writes it, of f32 weights unless they are of another type.
std::string memory(double bytes) {
  constexpr std::array<const char*, 5> units{"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %s", bytes, units[unit]);
  return text;
}

// "(None, 48, 48, 64)"; several in brackets.
std::string shape_text(const Shapes& shapes) {
  std::string out;
  for (const Shape& shape : shapes) {
    if (!out.empty()) out += ", ";
    out += "(None";
    for (const std::int64_t size : shape) out += ", " + std::to_string(size);
    out += ")";
  }
  return shapes.size() == 1 ? out : concat("[", out, "]");
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

// A cell's text in lines of at most width characters, broken at spaces and '\n'; what is longer
// still is cut, with an ellipsis.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  const auto finish = [&] {
    lines.push_back(line.size() <= width ? line : line.substr(0, width - 1) + "…");
    line.clear();
  };
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && line.size() + 1 + word.size() > width) finish();
    if (!line.empty()) line += ' ';
    line += word;
    if (end == text.size() || text[end] == '\n') finish();
    begin = end + 1;
  }
  return lines;
}

struct Column {
  const char* title;
  std::size_t width;
  bool right = false;
};
using Row = std::vector<std::string>;

// Keras's table, with the widths it has where the output is no terminal.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  std::string str(const std::vector<Row>& rows) const {
    Row titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    std::string out = rule("┏", "━", "┳", "┓") + block("┃", titles) + rule("┡", "━", "╇", "┩");
    for (const Row& row : rows) {
      if (&row != rows.data()) out += rule("├", "─", "┼", "┤");
      out += block("│", row);
    }
    return out + rule("└", "─", "┴", "┘");
  }

 private:
  std::string rule(const char* left, const char* dash, const char* cross, const char* right) const {
    std::string out = left;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      out += repeated(dash, columns_[i].width + 2) + (i + 1 < columns_.size() ? cross : right);
    return out + "\n";
  }

  std::string block(const char* bar, const Row& row) const {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      cells.push_back(wrapped(row[i], columns_[i].width));
      height = std::max(height, cells.back().size());
    }
    std::string out;
    for (std::size_t y = 0; y < height; ++y) {
      out += bar;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string text = y < cells[i].size() ? cells[i][y] : "";
        const std::size_t gap = columns_[i].width - columns_taken(text);
        out += ' ';
        if (columns_[i].right) out.append(gap, ' ');
        out += text;
        if (!columns_[i].right) out.append(gap, ' ');
        out += ' ';
        out += bar;
      }
      out += "\n";
    }
    return out;
  }

  // The ellipsis has three bytes and takes one column.
  static std::size_t columns_taken(const std::string& text) {
    return std::size_t(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  }

  std::vector<Column> columns_;
};

std::int64_t bytes_of(const std::vector<NamedTensor>& tensors, bool trainable_only) {
  std::int64_t bytes = 0;
  for (const NamedTensor& each : tensors)
    if (!trainable_only || each.value.needs_grad()) bytes += std::int64_t(each.value.bytes());
  return bytes;
}

std::string totals(const Module& model) {
  const ParameterCount count = count_parameters(model);
  const double trainable = double(bytes_of(model.parameters(), true));
  const double all = double(bytes_of(model.parameters(), false) + bytes_of(model.buffers(), false));
  return concat(" Total params: ", with_commas(count.total()), " (", memory(all), ")\n",
                " Trainable params: ", with_commas(count.trainable), " (", memory(trainable), ")\n",
                " Non-trainable params: ", with_commas(count.non_trainable), " (",
                memory(all - trainable), ")\n");
}

std::string title_of(const Module& layer) {
  return concat(layer.name(), " (", layer.kind().empty() ? "Module" : layer.kind(), ")");
}

std::string page(const Module& model, const char* fallback, const Table& table,
                 const std::vector<Row>& rows) {
  return concat("Model: \"", model.name().empty() ? std::string(fallback) : model.name(), "\"\n",
                table.str(rows), totals(model));
}

// Of the device that the model lies on.
std::string memory_lines(const Module& model, const MemoryEstimate& estimate,
                         const MemoryOptions& options) {
  const std::vector<NamedTensor> weights = model.parameters();
  const MemoryStats so_far =
      memory_stats(weights.empty() ? default_device() : weights.front().value.device());
  return concat(" Memory for batches of ", options.batch, ": ", memory(double(estimate.training)),
                " to train, ", memory(double(estimate.inference)), " to predict (estimated)\n",
                " Memory so far: ", memory(double(so_far.live_bytes)), " in use, ",
                memory(double(so_far.peak_bytes)), " at most\n");
}

// "conv2d[0][0]": the layer, which of its calls, which of that call's outputs.
std::string source_of(const Graph& model, Graph::Value value) {
  const auto& calls = model.calls();
  const Graph::Call& source = calls[std::size_t(value.call)];
  if (!source.layer) return source.name + "[0][0]";
  int earlier = 0;
  for (int i = 0; i < value.call; ++i)
    if (calls[std::size_t(i)].layer == source.layer) ++earlier;
  return concat(source.layer->name(), "[", earlier, "][", value.output, "]");
}

}  // namespace

ParameterCount count_parameters(const Module& module) {
  ParameterCount count;
  for (const NamedTensor& each : module.parameters())
    (each.value.needs_grad() ? count.trainable : count.non_trainable) += each.value.numel();
  for (const NamedTensor& each : module.buffers()) count.non_trainable += each.value.numel();
  return count;
}

std::string summary(const Sequential& model) {
  MIEN_CHECK(model.built(), ValueError, "summary: the model is not built");
  std::vector<Row> rows;
  for (std::size_t i = 0; i < model.size(); ++i) {
    const Module& layer = model.layer(i);
    rows.push_back({title_of(layer), shape_text(model.output_shapes()[i]),
                    with_commas(count_parameters(layer).total())});
  }
  const Table table({{"Layer (type)", 31}, {"Output Shape", 22}, {"Param #", 13, true}});
  return page(model, "sequential", table, rows);
}

std::string summary(const Graph& model) {
  std::vector<Row> rows;
  std::vector<const Module*> listed;
  for (const Graph::Call& call : model.calls()) {
    std::string sources;
    for (const Graph::Value& value : call.inputs)
      sources += (sources.empty() ? "" : ",\n") + source_of(model, value);
    const auto before = std::find(listed.begin(), listed.end(), call.layer);
    if (call.layer && before != listed.end()) {  // a shared layer has one row
      rows[std::size_t(before - listed.begin())][3] += ",\n" + sources;
      continue;
    }
    listed.push_back(call.layer);
    if (call.layer) {
      rows.push_back({title_of(*call.layer), shape_text(call.outputs),
                      with_commas(count_parameters(*call.layer).total()), sources});
    } else {
      rows.push_back({call.name + " (InputLayer)", shape_text(call.outputs), "0", "-"});
    }
  }
  const Table table(
      {{"Layer (type)", 19}, {"Output Shape", 17}, {"Param #", 10, true}, {"Connected to", 17}});
  return page(model, "functional", table, rows);
}

std::string summary(const Sequential& model, const MemoryOptions& options) {
  return summary(model) + memory_lines(model, estimate_memory(model, options), options);
}
std::string summary(const Graph& model, const MemoryOptions& options) {
  return summary(model) + memory_lines(model, estimate_memory(model, options), options);
}

}  // namespace mien::nn
