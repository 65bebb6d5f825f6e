#include "lib/train/progress_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

namespace mien {
namespace {

constexpr int kCells = 20;
constexpr std::string_view kBold = "\33[1m", kGreen = "\33[32m", kWhite = "\33[37m",
                           kPlain = "\33[0m";

template <class... Args>
std::string print(const char* format, Args... args) {
  char text[400];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

std::string styled(std::string_view style, std::string text, bool colour) {
  if (!colour) return text;
  return std::string(style) + text + std::string(kPlain);
}

std::string cells(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "━";
  return out;
}

// "  7/449": as wide at every step.
std::string count_text(const ProgressText& p) {
  const std::string target = std::to_string(p.target), current = std::to_string(p.current);
  return std::string(target.size() - std::min(target.size(), current.size()), ' ') + current + "/" +
         target;
}

// "5s", "1:05" or "1:02:03".
std::string time_left(double seconds) {
  const int whole = int(std::min(seconds, 1e9));
  if (seconds > 3600) return print("%d:%02d:%02d", whole / 3600, whole % 3600 / 60, whole % 60);
  if (seconds > 60) return print("%d:%02d", whole / 60, whole % 60);
  return print("%ds", whole);
}

std::string step_text(double seconds) {
  if (seconds >= 1 || seconds == 0) return print(" %.0fs/step", seconds);
  if (seconds >= 1e-3) return print(" %.0fms/step", seconds * 1e3);
  return print(" %.0fus/step", seconds * 1e6);
}

bool is_validation(const Logs::Entry& entry) { return entry.first.starts_with("val_"); }

}  // namespace

Logs in_order_of_display(const Logs& logs) {
  std::vector<Logs::Entry> entries(logs.begin(), logs.end());
  const auto means_end = std::find_if(entries.begin(), entries.end(), [](const auto& entry) {
    return is_validation(entry) || entry.first == "learning_rate";
  });
  std::sort(entries.begin(), means_end);
  const auto rest = std::find_if_not(means_end, entries.end(), is_validation);
  std::sort(means_end, rest);
  Logs out;
  for (const Logs::Entry& entry : entries) out.set(entry.first, entry.second);
  return out;
}

std::string logs_text(const Logs& logs) {
  std::string out;
  for (const Logs::Entry& entry : logs) {
    const bool small = std::fabs(entry.second) <= 1e-3;
    out += " - " + entry.first + print(small ? ": %.4e" : ": %.4f", entry.second);
  }
  return out;
}

std::string bar_text(const ProgressText& p, const Logs& logs) {
  const int done = int(double(kCells) * (double(p.current) / double(p.target)));
  const double left = p.step_seconds * double(p.target - p.current);
  std::string out = styled(kBold, count_text(p), p.colour) + " ";
  if (done > 0) out += styled(kGreen, cells(done), p.colour);
  out += styled(kWhite, cells(kCells - done), p.colour) + " ";
  out += styled(kBold, p.final ? print("%.0fs", p.elapsed) : time_left(left), p.colour);
  return out + step_text(p.step_seconds) + logs_text(logs);
}

std::string epoch_text(const ProgressText& p, const Logs& logs) {
  return count_text(p) + print(" - %.0fs -", p.elapsed) + step_text(p.step_seconds) +
         logs_text(logs);
}

std::int64_t columns(const std::string& text) {
  std::int64_t count = 0;
  bool escape = false;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // of a UTF-8 character
    if (c == '\33') escape = true;
    if (!escape && !continues) ++count;
    if (escape && c == 'm') escape = false;
  }
  return count;
}

}  // namespace mien
