#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <vector>

#include "lib/runtime/profile_record.h"
#include "mien/runtime.h"

namespace mien {
namespace {

constexpr std::size_t kMostRows = 60;

struct Row {
  std::string op, layer, pass;
  ProfileRecord::Totals totals;
};

void append(std::string& out, const char* format, ...) {
  char line[256];
  std::va_list values;
  va_start(values, format);
  std::vsnprintf(line, sizeof line, format, values);
  va_end(values);
  out += line;
}

const char* pass_name(const ProfileRecord::Key& key) { return key.backward ? "backward" : ""; }

// Adds up what has the same names, the most expensive first.
void add(std::vector<Row>& rows, const Row& row) {
  const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
    return other.op == row.op && other.layer == row.layer && other.pass == row.pass;
  });
  if (same == rows.end()) return rows.push_back(row);
  same->totals.calls += row.totals.calls;
  same->totals.us += row.totals.us;
  same->totals.cost.flop += row.totals.cost.flop;
  same->totals.cost.bytes += row.totals.cost.bytes;
}

void append_table(std::string& out, const char* title, std::vector<Row> rows, double all_us) {
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.totals.us > b.totals.us; });
  append(out, "\n%-42s %6s %10s %9s %9s %9s %8s %9s %7s\n", title, "%", "ms", "calls", "ms/call",
         "GFLOP", "GFLOP/s", "MiB", "GB/s");
  for (std::size_t i = 0; i < rows.size() && i < kMostRows; ++i) {
    const Row& row = rows[i];
    const ProfileRecord::Totals& t = row.totals;
    std::string name = row.op;
    if (!row.pass.empty()) name += " " + row.pass;
    if (!row.layer.empty()) name = row.layer + ": " + name;
    append(out, "%-42s %6.1f %10.3f %9lld %9.4f %9.3f %8.1f %9.1f %7.1f%s%s\n", name.c_str(),
           100 * t.us / all_us, t.us / 1e3, static_cast<long long>(t.calls),
           t.us / 1e3 / double(t.calls), t.cost.flop / 1e9, t.cost.flop / t.us / 1e3,
           t.cost.bytes / (1 << 20), t.cost.bytes / t.us / 1e3,
           row.layer.empty() || !*t.cost.how ? "" : "  ", row.layer.empty() ? "" : t.cost.how);
  }
  if (rows.size() > kMostRows) append(out, "and %zu more\n", rows.size() - kMostRows);
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      append(out, "\\u%04x", unsigned(c));
    else
      out += c;
  }
  return out + "\"";
}

}  // namespace

std::string profile_report() {
  ProfileRecord& record = profile_record();
  const std::lock_guard lock(record.mutex);
  std::vector<Row> by_op, by_layer;
  double all_us = 0;
  std::int64_t calls = 0;
  for (const auto& [key, totals] : record.totals) {
    add(by_op, {key.op, "", pass_name(key), totals});
    add(by_layer, {key.op, record.layers[key.layer], pass_name(key), totals});
    all_us += totals.us;
    calls += totals.calls;
  }
  if (calls == 0) return "mien profile: no op was called\n";
  const double span_us = record.end_us - record.begin_us;
  std::string out;
  append(out,
         "mien profile: %lld calls of ops took %.1f ms, %.1f%% of the %.1f ms from the first to "
         "the last\n",
         static_cast<long long>(calls), all_us / 1e3, 100 * all_us / span_us, span_us / 1e3);
  append_table(out, "by op", std::move(by_op), all_us);
  append_table(out, "by layer", std::move(by_layer), all_us);
  return out;
}

std::string profile_trace() {
  ProfileRecord& record = profile_record();
  const std::lock_guard lock(record.mutex);
  std::string out = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  const char* separator = "\n";
  for (const ProfileRecord::Event& event : record.events) {
    out += separator;
    separator = ",\n";
    out += "{\"name\": " + json_text(event.key->op);
    append(out, ", \"cat\": \"%s\", \"ph\": \"X\", \"ts\": %.3f, \"dur\": %.3f, \"pid\": 1",
           event.key->backward ? "backward" : "forward", event.begin_us - record.begin_us,
           event.us);
    append(out,
           ", \"tid\": %d, \"args\": {\"GFLOP\": %.9g, \"MiB\": %.9g, \"layer\": ", event.thread,
           event.cost.flop / 1e9, event.cost.bytes / (1 << 20));
    out += json_text(record.layers[event.key->layer]) + "}}";
  }
  append(out, "\n], \"otherData\": {\"events left out\": \"%lld\"}}\n",
         static_cast<long long>(record.dropped_events));
  return out;
}

}  // namespace mien
