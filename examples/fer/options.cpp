#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <type_traits>
#include <vector>

#include "check_name.h"
#include "mien/base/error.h"
#include "mien/io/checkpoint.h"
#include "mien/optim.h"
#include "mien/runtime.h"

namespace fer {

using namespace mien;

namespace {

const std::vector<std::string> kModels{"canonical", "small"};
const std::vector<std::string> kOptimizers{"adam", "adamw", "sgd", "rmsprop", "adagrad"};
const std::vector<std::string> kAugmentations{"none", "light", "strong"};
const std::vector<std::string> kDevices{"auto", "cpu", "cuda"};
const std::vector<std::string> kConvolutions{"auto", "winograd", "direct", "reference"};
const std::vector<std::string> kPrecisions{"fp32", "tf32", "bf16"};

// A run may be resumed from elsewhere.
std::string absolute(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
  return error ? path : whole.string();
}

struct Setting {
  const char* option;
  std::string text;
};

// The settings that a resumed run keeps, for comparison.
std::vector<Setting> settings(const Options& o) {
  return {{"--data", absolute(o.data)},
          {"--model", o.model},
          {"--epochs", concat(o.epochs)},
          {"--batch-size", concat(o.batch_size)},
          {"--lr", concat(o.lr)},
          {"--optimizer", o.optimizer},
          {"--augment", o.augment},
          {"--patience", concat(o.patience)},
          {"--plateau-patience", concat(o.plateau_patience)},
          {"--plateau-factor", concat(o.plateau_factor)},
          {"--restore-best", concat(o.restore_best)},
          {"--seed", concat(o.seed)},
          {"--limit", concat(o.limit)},
          {"--conv", o.conv},
          {"--precision", o.precision}};
}

// CLI11 by itself takes -1 for a large unsigned number, and the largest there is for a larger one.
template <class T>
std::string complaint_about_integer(const std::string& text) {
  T value{};
  const char* const end = text.data() + text.size();
  const std::from_chars_result parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec == std::errc() && parsed.ptr == end) return {};
  return "must be a whole number in range; got '" + text + "'";
}

void add_options(CLI::App& app, Options& o) {
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const auto add = [&app](const char* name, auto& value, const char* text) {
    using T = std::decay_t<decltype(value)>;
    CLI::Option* option = app.add_option(name, value, text)->capture_default_str();
    if constexpr (std::is_integral_v<T>) option->check(complaint_about_integer<T>);
  };
  app.add_option("--data", o.data,
                 "Folder that holds train/ and validation/ (or test/), or images/ with them; "
                 "without it faces are drawn");
  add("--out", o.out, "Folder for all results");
  add("--model", o.model, "Network: canonical or small");
  add("--epochs", o.epochs, "Passes over the training images, at most");
  add("--batch-size", o.batch_size, "Images a step");
  add("--lr", o.lr, "Learning rate");
  add("--optimizer", o.optimizer, "adam, adamw, sgd, rmsprop or adagrad");
  add("--augment", o.augment, "Changes of the training images: none, light or strong");
  add("--patience", o.patience, "Epochs without a better validation loss before training stops");
  add("--plateau-patience", o.plateau_patience,
      "Epochs without a better validation loss before the rate is reduced");
  add("--plateau-factor", o.plateau_factor, "What the learning rate is then multiplied by");
  add("--restore-best", o.restore_best,
      "1: the final model has the weights of the best validation loss");
  add("--seed", o.seed, "Seed of weights, order, augmentation and dropout");
  add("--threads", o.threads, "Threads; 0: all cores");
  add("--device", o.device,
      "auto (a CUDA device where one works, else the CPU), cpu, cuda or cuda:1");
  add("--conv", o.conv,
      "Convolutions on the CPU: auto (fastest by shape), winograd, direct or reference");
  add("--precision", o.precision,
      "On a CUDA device: fp32 (exact), tf32 (products of f32 rounded to TF32), bf16 (activations "
      "in "
      "bf16; weights stay f32)");
  add("--limit", o.limit,
      "Only so many training images of a seeded shuffle, an eighth of it for validation; 0: all");
  app.add_flag("--resume", o.resume, "Go on from the checkpoint in OUT, with its settings");
  add("--verbose", o.verbose, "0: no progress, 1: a progress bar, 2: one line an epoch");
  app.set_version_flag("--version", "fer_train of mien " + std::string(version()));
}

constexpr std::int64_t kMostThreads = 1024;  // an OpenMP that cannot start them ends the program

void check_options(const Options& o) {
  const auto at_least = [](const char* option, std::int64_t value, std::int64_t least) {
    MIEN_CHECK(value >= least, ValueError, option, " must be at least ", least, "; got ", value);
  };
  at_least("--epochs", o.epochs, 1);
  at_least("--batch-size", o.batch_size, 1);
  at_least("--patience", o.patience, 0);
  at_least("--plateau-patience", o.plateau_patience, 0);
  MIEN_CHECK(o.threads >= 0 && o.threads <= kMostThreads, ValueError,
             "--threads must be from 0 to ", kMostThreads, "; got ", o.threads);
  at_least("--limit", o.limit, 0);
  MIEN_CHECK(std::isfinite(o.lr) && o.lr > 0, ValueError, "--lr must be a number above 0; got ",
             o.lr);
  MIEN_CHECK(o.plateau_factor > 0 && o.plateau_factor < 1, ValueError,
             "--plateau-factor must be above 0 and below 1; got ", o.plateau_factor);
  MIEN_CHECK(o.restore_best == 0 || o.restore_best == 1, ValueError,
             "--restore-best must be 0 or 1; got ", o.restore_best);
  MIEN_CHECK(o.verbose >= 0 && o.verbose <= 2, ValueError, "--verbose must be 0, 1 or 2; got ",
             o.verbose);
  MIEN_CHECK(!o.out.empty(), ValueError, "--out must name a folder");
  check_name("--model", o.model, kModels);
  check_name("--optimizer", o.optimizer, kOptimizers);
  check_name("--augment", o.augment, kAugmentations);
  if (!o.device.starts_with("cuda:")) check_name("--device", o.device, kDevices);
  check_name("--conv", o.conv, kConvolutions);
  check_name("--precision", o.precision, kPrecisions);
}

Options load_options(const State& state) {
  Options o;
  o.data = state.get_string("data");
  o.model = state.get_string("model");
  o.epochs = int(state.get_int("epochs"));
  o.batch_size = int(state.get_int("batch_size"));
  o.lr = state.get_double("lr");
  o.optimizer = state.get_string("optimizer");
  o.augment = state.get_string("augment");
  o.patience = int(state.get_int("patience"));
  o.plateau_patience = int(state.get_int("plateau_patience"));
  o.plateau_factor = state.get_double("plateau_factor");
  o.restore_best = int(state.get_int("restore_best"));
  o.seed = std::uint64_t(state.get_int("seed"));
  o.limit = state.get_int("limit");
  o.conv = state.has("conv") ? state.get_string("conv") : "auto";
  o.precision = state.has("precision") ? state.get_string("precision") : "fp32";
  return o;
}

Options saved_options(const State& checkpoint, const std::string& path) {
  MIEN_CHECK(checkpoint.has("options"), IoError, path, ": not a checkpoint of fer_train");
  try {
    const Options saved = load_options(checkpoint.get_group("options"));
    check_options(saved);
    return saved;
  } catch (const Error& error) {
    throw IoError(concat(path, ": ", error.what()));
  }
}

// The settings of the run in OUT; what is given again must agree, only a larger --epochs may
// differ.
Options taken_over(const Options& given, const CLI::App& app, const Options& saved) {
  const bool longer = app.count("--epochs") > 0 && given.epochs > saved.epochs;
  const std::vector<Setting> now = settings(given), then = settings(saved);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const bool free =
        app.count(now[i].option) == 0 || (longer && now[i].option == std::string_view("--epochs"));
    MIEN_CHECK(free || now[i].text == then[i].text, ValueError, now[i].option, " ", now[i].text,
               " differs from ", then[i].text, " in the checkpoint ", checkpoint_path(given));
  }
  Options out = saved;
  out.out = given.out;
  out.threads = given.threads;
  out.device = given.device;
  out.verbose = given.verbose;
  out.resume = true;
  if (longer) out.epochs = given.epochs;
  return out;
}

}  // namespace

std::string checkpoint_path(const Options& options) { return options.out + "/checkpoint.mien"; }

void save_options(const Options& o, State& state) {
  state.set("data", absolute(o.data));
  state.set("model", o.model);
  state.set("epochs", o.epochs);
  state.set("batch_size", o.batch_size);
  state.set("lr", o.lr);
  state.set("optimizer", o.optimizer);
  state.set("augment", o.augment);
  state.set("patience", o.patience);
  state.set("plateau_patience", o.plateau_patience);
  state.set("plateau_factor", o.plateau_factor);
  state.set("restore_best", o.restore_best);
  state.set("seed", o.seed);
  state.set("limit", o.limit);
  state.set("conv", o.conv);
  state.set("precision", o.precision);
}

std::optional<Options> parse_options(int argc, char** argv, std::optional<State>& checkpoint) {
  Options options;
  CLI::App app(
      "Trains a facial-expression network on folders of images, or on faces that it draws.",
      "fer_train");
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked, std::cout, std::cout);
    return {};
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    throw ValueError(line + "; --help lists the options");
  }
  MIEN_CHECK(app.count("--data") == 0 || !options.data.empty(), ValueError,
             "--data must name a folder");
  check_options(options);
  if (!options.resume) return options;
  const std::string path = checkpoint_path(options);
  checkpoint = io::load_checkpoint(path);
  return taken_over(options, app, saved_options(*checkpoint, path));
}

std::optional<AugmentOptions> augmentation(const std::string& name) {
  if (name == "none") return {};
  AugmentOptions light{.rotation_range = 10,
                       .width_shift_range = 0.1,
                       .height_shift_range = 0.1,
                       .zoom_range = {0.9, 1.1},
                       .horizontal_flip = true};
  if (name == "light") return light;
  light.rotation_range = 15;
  light.shear_range = 8;
  light.zoom_range = {0.85, 1.15};
  light.brightness_range = {0.7, 1.3};
  light.erasing = {.probability = 0.5, .area = {0.02, 0.2}, .value = 129};
  return light;
}

Box<optim::Optimizer> optimizer(const std::string& name, double lr) {
  if (name == "adamw") return optim::AdamW(lr);
  if (name == "sgd") return optim::SGD(lr, {.momentum = 0.9, .nesterov = true});
  if (name == "rmsprop") return optim::RMSprop(lr);
  if (name == "adagrad") return optim::Adagrad(lr);
  return optim::Adam(lr);
}

}  // namespace fer
