#include "bench/step_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

#include "examples/fer/check_name.h"
#include "mien/base/error.h"

namespace bench {

using namespace mien;

namespace {

constexpr int kLargest = 1 << 20;  // of batch and seconds: more is a slip of the pen
constexpr int kMostThreads = 1024;

void check(const StepOptions& o) {
  fer::check_name("--model", o.model, {"canonical", "small", "resnet18", "tiny"});
  fer::check_name("--mode", o.mode, {"train", "predict"});
  fer::check_name("--precision", o.precision, {"fp32", "tf32", "bf16"});
  fer::check_name("--conv", o.conv, {"auto", "winograd", "direct", "reference"});
  fer::check_name("--graph", o.graph, {"on", "off"});
  MIEN_CHECK(o.batch >= 1 && o.batch <= kLargest, ValueError, "--batch must be from 1 to ",
             kLargest, "; got ", o.batch);
  MIEN_CHECK(o.threads >= 0 && o.threads <= kMostThreads, ValueError,
             "--threads must be from 0 to ", kMostThreads, "; got ", o.threads);
  MIEN_CHECK(o.seconds >= 0 && o.seconds <= kLargest, ValueError, "--seconds must be from 0 to ",
             kLargest, "; got ", o.seconds);
  MIEN_CHECK(o.precision != "bf16" || o.mode == "train", ValueError,
             "--precision bf16 is for --mode train");
}

}  // namespace

std::optional<StepOptions> parse_step_options(int argc, char** argv) {
  StepOptions o;
  CLI::App app(
      "Times steps of an expression network on a constant batch and prints one line of JSON.",
      "fer_step");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const auto add = [&app](const char* name, auto& value, const char* text) {
    app.add_option(name, value, text)->capture_default_str();
  };
  add("--model", o.model, "canonical, small (48 x 48 images), resnet18 (44 x 44) or tiny (8 x 8)");
  add("--batch", o.batch, "Images a step");
  add("--threads", o.threads, "Threads; 0: all cores");
  add("--mode", o.mode, "train (forward, loss, backward, Adam) or predict");
  add("--precision", o.precision,
      "fp32; on a CUDA device also tf32 (products) or, to train, bf16 (what layers hand on)");
  add("--conv", o.conv, "How convolutions are computed: auto, winograd, direct or reference");
  add("--seconds", o.seconds, "How long to measure; at least three steps are");
  add("--device", o.device, "cpu, cuda or auto");
  add("--graph", o.graph, "on: a device's training step is captured as a graph and replayed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    app.exit(asked, std::cout, std::cout);
    return {};
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    throw ValueError(line + "; --help lists the options");
  }
  check(o);
  return o;
}

}  // namespace bench
