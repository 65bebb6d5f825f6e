#pragma once

#include <string>
#include <vector>

#include "lib/io/hdf5_file.h"
#include "lib/io/json.h"
#include "lib/io/keras_config.h"
#include "lib/io/keras_layers.h"
#include "mien/io/model.h"
#include "mien/optim/optimizer.h"

namespace mien::io {

/// How Keras is to compile the model: {"loss": .., "optimizer": ..} as .keras files have it, or
/// {.., "optimizer_config": ..} as .h5 files do.
Json compile_json(const SaveOptions& options, bool zip);

/// Writes the state of a bound optimizer, where this generation restores it: steps, and what it
/// keeps of each trained weight, in the order of the model's layers there.
void write_optimizer_by_number(Hdf5File& file, const optim::Optimizer& optimizer,
                               const KerasLayer& model);
void write_optimizer_by_name(Hdf5File& file, const optim::Optimizer& optimizer,
                             const KerasLayer& model);

/// Gives an optimizer that is bound to the model's parameters the state in a file: `objects` are
/// its data sets in order, `compiled` what compile_json() describes. Throws IoError where it does
/// not fit.
void read_optimizer(const Hdf5File& file, const std::vector<std::string>& objects,
                    const Json& compiled, optim::Optimizer& optimizer, const nn::Module& model,
                    const std::string& path);

}  // namespace mien::io
