#include "lib/train/csv.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/io/file.h"
#include "lib/train/python_text.h"
#include "mien/base/error.h"

namespace mien {
namespace {

constexpr std::string_view kEpoch = "epoch";
constexpr std::string_view kLineEnd = "\r\n";

std::string csv_field(std::string_view field, char separator) {
  const bool plain = field.find_first_of(std::string{separator, '"', '\r', '\n'}) == field.npos;
  if (plain) return std::string(field);
  std::string out = "\"";
  for (char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

// Where whole rows end, without last ones of epoch `next` and later.
std::size_t end_of_rows(const std::string& text, std::optional<std::size_t> next) {
  std::size_t end = text.rfind('\n') + 1;  // 0 where there is no whole line
  while (next && end > 0) {
    const std::size_t begin = end < 2 ? 0 : text.rfind('\n', end - 2) + 1;
    std::size_t epoch = 0;
    const auto read = std::from_chars(text.data() + begin, text.data() + end, epoch);
    if (read.ec != std::errc() || epoch < *next) break;  // the header is no number
    end = begin;
  }
  return end;
}

std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> fields(1);
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      const bool escaped = inside && i + 1 < line.size() && line[i + 1] == '"';
      if (escaped) fields.back() += line[++i];
      if (!escaped) inside = !inside;
    } else if (c == separator && !inside) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

std::vector<std::string> csv_columns(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const bool validation = std::any_of(
      names.begin(), names.end(), [](const std::string& name) { return name.starts_with("val_"); });
  const std::size_t count = names.size();
  for (std::size_t i = 0; i < count && !validation; ++i) names.push_back("val_" + names[i]);
  return names;
}

std::string csv_header(const std::vector<std::string>& columns, char separator) {
  std::string line(kEpoch);
  for (const std::string& column : columns) line += separator + csv_field(column, separator);
  return line.append(kLineEnd);
}

std::string csv_row(const std::vector<std::string>& columns, std::size_t epoch, const Logs& logs,
                    char separator) {
  std::string line = std::to_string(epoch);
  for (const std::string& column : columns) {
    const double* value = logs.find(column);
    line += separator + (value ? python_text(*value) : "NA");
  }
  return line.append(kLineEnd);
}

CsvLog::CsvLog(std::string_view path, char separator, bool append, std::optional<std::size_t> next)
    : path_(path), separator_(separator) {
  std::error_code unknown;
  if (append && std::filesystem::exists(path_, unknown)) {
    std::string text = io::read_file(path_);
    const std::size_t kept = end_of_rows(text, next);
    if (kept < text.size()) {
      text.resize(kept);
      io::write_file(path_, text);
    }
    const std::size_t end = text.find_first_of(kLineEnd);
    if (end != text.npos) read_header(std::string_view(text).substr(0, end));
  }
  errno = 0;
  file_.open(path_, std::ios::binary | (append ? std::ios::app : std::ios::trunc));
  MIEN_CHECK(file_.is_open(), IoError, path_, ": cannot be written: ", std::strerror(errno));
}

void CsvLog::read_header(std::string_view line) {
  columns_ = split(line, separator_);
  MIEN_CHECK(columns_.size() > 1 && columns_[0] == kEpoch, IoError, path_,
             ": is no log of epochs to append to; its first line is '", line, "'");
  columns_.erase(columns_.begin());
}

void CsvLog::write(std::size_t epoch, const Logs& logs) {
  std::string text;
  if (columns_.empty()) {
    std::vector<std::string> names;
    for (const Logs::Entry& entry : logs) names.push_back(entry.first);
    columns_ = csv_columns(std::move(names));
    text = csv_header(columns_, separator_);
  }
  for (const Logs::Entry& entry : logs) {
    const auto same = [&](const std::string& column) {
      return canonical_name(column) == canonical_name(entry.first);
    };
    MIEN_CHECK(!first_row_ || std::any_of(columns_.begin(), columns_.end(), same), IoError, path_,
               ": has no column '", entry.first, "'");
  }
  first_row_ = false;
  text += csv_row(columns_, epoch, logs, separator_);
  errno = 0;
  file_ << text << std::flush;
  MIEN_CHECK(file_.good(), IoError, path_, ": cannot be written: ", std::strerror(errno));
}

}  // namespace mien
