#include "mien/nn/summary.h"

#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

struct Row {
  std::array<std::string, 3> cells;
};

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

std::string shape_text(const Shapes& shapes) {
  std::string out;
  for (const Shape& shape : shapes) {
    if (!out.empty()) out += ", ";
    out += "(None";
    for (const std::int64_t size : shape) out += ", " + std::to_string(size);
    out += ")";
  }
  return out;
}

// Keras's columns on a plain terminal.
constexpr std::array<std::size_t, 3> kWidths{31, 22, 13};

// A cell's next line: what fits the column, cut at a blank, as Keras wraps.
std::string take_line(std::string& rest, std::size_t width) {
  std::size_t end = rest.size();
  if (end > width) {
    const std::size_t blank = rest.rfind(' ', width);
    end = blank == std::string::npos || blank == 0 ? width : blank;
  }
  std::string line = rest.substr(0, end);
  rest.erase(0, end < rest.size() && rest[end] == ' ' ? end + 1 : end);
  return line;
}

void append_rule(std::string& out, std::string_view left, std::string_view dash,
                 std::string_view cross, std::string_view right) {
  out += left;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < kWidths[i] + 2; ++k) out += dash;
    out += i < 2 ? cross : right;
  }
  out += '\n';
}

void append_row(std::string& out, std::string_view bar, Row row) {
  do {
    out += bar;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string text = take_line(row.cells[i], kWidths[i]);
      const std::size_t gap = kWidths[i] - text.size();
      out += ' ';
      if (i == 2) out.append(gap, ' ');  // numbers stand to the right
      out += text;
      if (i < 2) out.append(gap, ' ');
      out += ' ';
      out += bar;
    }
    out += '\n';
  } while (!row.cells[0].empty() || !row.cells[1].empty() || !row.cells[2].empty());
}

std::string table(const std::vector<Row>& rows) {
  std::string out;
  append_rule(out, "┏", "━", "┳", "┓");
  append_row(out, "┃", {{"Layer (type)", "Output Shape", "Param #"}});
  append_rule(out, "┡", "━", "╇", "┩");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) append_rule(out, "├", "─", "┼", "┤");
    append_row(out, "│", rows[i]);
  }
  append_rule(out, "└", "─", "┴", "┘");
  return out;
}

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

Row row_of(const Module& layer, const Shapes& shapes) {
  return {{concat(layer.name(), " (", layer.kind().empty() ? "Module" : layer.kind(), ")"),
           shape_text(shapes), with_commas(count_parameters(layer).total())}};
}

std::string page(const Module& model, std::string_view fallback, const std::vector<Row>& rows) {
  return concat("Model: \"", model.name().empty() ? std::string(fallback) : model.name(), "\"\n",
                table(rows), totals(model));
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
  model.input_shape();
  std::vector<Row> rows;
  for (std::size_t i = 0; i < model.size(); ++i)
    rows.push_back(row_of(model.layer(i), model.output_shapes()[i]));
  return page(model, "sequential", rows);
}

std::string summary(const Graph& model) {
  std::vector<Row> rows;
  for (const Graph::Call& call : model.calls())
    rows.push_back(call.layer ? row_of(*call.layer, call.outputs)
                              : Row{{call.name + " (InputLayer)", shape_text(call.outputs), "0"}});
  return page(model, "functional", rows);
}

}  // namespace mien::nn
