#pragma once

#include <optional>
#include <string>

namespace bench {

/// Settings of fer_step, with its defaults.
struct StepOptions {
  std::string model = "canonical";
  int batch = 128;
  int threads = 0;  // all cores
  std::string mode = "train";
  std::string precision = "fp32";
  std::string conv = "auto";
  std::string device = "cpu";
  std::string graph = "off";
  double seconds = 5;
};

/// Reads the command line; --help prints and gives nothing. Throws ValueError for an unknown option
/// or a value that cannot be honoured.
std::optional<StepOptions> parse_step_options(int argc, char** argv);

}  // namespace bench
