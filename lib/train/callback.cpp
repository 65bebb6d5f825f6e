#include "mien/train/callback.h"

#include <cstdio>
#include <utility>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

namespace mien {
namespace {

void write_to_standard_output(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool standard_output_is_terminal() {
#if defined(_WIN32)
  return _isatty(_fileno(stdout)) != 0;
#else
  return isatty(STDOUT_FILENO) != 0;
#endif
}

}  // namespace

TrainContext::TrainContext(Run run) : run_(std::move(run)) {
  Output& output = run_.output;
  terminal_ = output.terminal.value_or(!output.write && standard_output_is_terminal());
  if (!output.write) output.write = write_to_standard_output;
}

void TrainContext::write(std::string_view text) {
  if (text.empty()) return;
  run_.output.write(text);
  line_open_ = text.back() != '\n';
}

void TrainContext::print(std::string_view message) {
  end_line();
  write(std::string(message) + '\n');
}

Callback::~Callback() = default;

}  // namespace mien
