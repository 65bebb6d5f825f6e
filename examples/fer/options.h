#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mien/base/box.h"
#include "mien/data/augment.h"
#include "mien/optim/optimizer.h"
#include "mien/state.h"

namespace fer {

/// Settings of fer_train, with its defaults.
struct Options {
  std::string data{};  // empty: faces are drawn
  std::string out = "fer_run";
  std::string model = "canonical";
  int epochs = 48;
  int batch_size = 128;
  double lr = 1e-4;
  std::string optimizer = "adam";
  std::string augment = "light";
  int patience = 3;
  int plateau_patience = 2;
  double plateau_factor = 0.2;
  int restore_best = 0;
  std::uint64_t seed = 0;
  int threads = 0;  // all cores
  std::string device = "auto";
  std::string conv = "auto";
  std::string precision = "fp32";
  std::int64_t limit = 0;  // all images
  bool resume = false;
  int verbose = 1;
};

/// Reads the command line; with --resume the settings come from the checkpoint in OUT, given back
/// in `checkpoint`. --help and --version print and give nothing. Throws ValueError for an unknown
/// option or a value out of range, IoError for a checkpoint that cannot be read.
std::optional<Options> parse_options(int argc, char** argv, std::optional<mien::State>& checkpoint);

/// The settings that a resumed run must keep.
void save_options(const Options& options, mien::State& state);

/// Where OUT keeps its checkpoint.
std::string checkpoint_path(const Options& options);

/// The augmentation of that name: none; light (flip, rotation by 10 degrees, shifts and zoom by a
/// tenth, as the Kaggle scripts have it); strong (more of it, and random erasing).
std::optional<mien::AugmentOptions> augmentation(const std::string& name);

/// The optimizer of that name, with Keras's defaults but for the learning rate.
mien::Box<mien::optim::Optimizer> optimizer(const std::string& name, double lr);

}  // namespace fer
