#include "mien/nn/registry.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"

namespace mien::nn {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, ModuleFactory, std::less<>> factories;
  Registry() {
    for (const BuiltinLayer& each : builtin_layers())
      factories[std::string(each.kind)] = each.factory;
  }
};

Registry& registry() {
  static Registry all;
  return all;
}

// A user's own layer may well have what ours lack.
bool is_builtin(ModuleFactory factory) {
  const auto all = builtin_layers();
  return std::any_of(all.begin(), all.end(),
                     [factory](const BuiltinLayer& each) { return each.factory == factory; });
}

}  // namespace

void register_layer(std::string_view kind, ModuleFactory factory) {
  MIEN_CHECK(!kind.empty() && factory, ValueError,
             "register_layer: a name and a factory are required");
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.factories.insert_or_assign(std::string(kind), factory);
}

std::vector<std::string> registered_layers() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::vector<std::string> kinds;
  for (const auto& [kind, factory] : all.factories) kinds.push_back(kind);
  return kinds;
}

Config layer_config(const Module& module) {
  MIEN_CHECK(!module.kind().empty(), ValueError, "layer '", module.name(),
             "' cannot be saved: its class gives no kind()");
  Config config;
  config.set("class_name", std::string(module.kind()))
      .set("name", module.name())
      .set("trainable", !module.frozen());
  const Config own = module.config();
  for (const Config::Item& item : own.items()) config.set(item.key, item.value);
  return config;
}

std::unique_ptr<Module> make_layer(const Config& config) {
  const std::string kind = config.get_string("class_name", ""),
                    name = config.get_string("name", "");
  ModuleFactory factory = nullptr;
  {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    const auto found = all.factories.find(kind);
    if (found != all.factories.end()) factory = found->second;
  }
  MIEN_CHECK(factory, ValueError, "unknown layer '", kind, "' ('", name,
             "'): make it known with nn::register_layer()");
  if (is_builtin(factory)) refuse_untrainable(config);
  std::unique_ptr<Module> module = factory(config);
  module->set_name(name);
  if (!config.get_bool("trainable", true)) module->freeze();
  return module;
}

}  // namespace mien::nn
