#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mien/nn/config.h"
#include "mien/nn/module.h"

namespace mien::nn {

/// Makes a module from its config(). Throws ValueError where the config does not fit.
using ModuleFactory = std::unique_ptr<Module> (*)(const Config& config);

/// Makes a class known to the file formats; a second registration of a name replaces the first. All
/// of mien's own are known.
/// ```cpp
/// nn::register_layer("Scale", [](const nn::Config&) -> std::unique_ptr<nn::Module> {
///   return std::make_unique<Scale>();  // the class of mien/nn/module.h's example
/// });
/// ```
void register_layer(std::string_view kind, ModuleFactory factory);
/// All known kinds, sorted.
std::vector<std::string> registered_layers();

/// {"class_name": kind, "name": name, "trainable": not frozen, then config()'s own}. Throws
/// ValueError naming a module without kind.
Config layer_config(const Module& module);
/// A module, with its name and frozen state, from layer_config(). Throws ValueError "unknown layer
/// 'Foo' ('foo_1'): make it known with nn::register_layer()".
std::unique_ptr<Module> make_layer(const Config& config);

}  // namespace mien::nn
