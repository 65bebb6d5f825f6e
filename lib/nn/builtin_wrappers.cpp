#include <algorithm>
#include <string>

#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "lib/nn/wrappers.h"
#include "mien/base/error.h"
#include "mien/nn/wrappers.h"

namespace mien::nn {
namespace {

// The layer of a wrapper, nullptr where there is none.
std::unique_ptr<Module> layer_at(const Config& c, std::string_view key) {
  const Config::List& list = c.get_list(key);
  return list.empty() ? nullptr : make_layer(list.front());
}

std::unique_ptr<Module> time_distributed_from(const Config& c) {
  return made(TimeDistributed(layer_at(c, "layer")));
}

std::unique_ptr<Recurrent> recurrent_at(const Config& c, std::string_view key) {
  std::unique_ptr<Module> layer = layer_at(c, key);
  auto* recurrent = dynamic_cast<Recurrent*>(layer.get());
  MIEN_CHECK(recurrent || !layer, ValueError, "Bidirectional '", c.get_string("name", ""),
             "': a layer ", layer->kind(), " is not supported; SimpleRNN, LSTM and GRU are");
  layer.release();
  return std::unique_ptr<Recurrent>(recurrent);
}

MergeMode merge_mode_from(const Config& c) {
  if (!c.has("merge_mode")) return MergeMode::concat;
  const std::string name = c.get_string("merge_mode", "");
  if (name.empty()) return MergeMode::none;
  const auto found = std::find(kMergeModes.begin(), kMergeModes.end(), name);
  MIEN_CHECK(found != kMergeModes.end(), ValueError,
             "Bidirectional: merge_mode must be concat, sum, mul, ave or null; got '", name, "'");
  return MergeMode(found - kMergeModes.begin());
}

std::unique_ptr<Module> bidirectional_from(const Config& c) {
  return made(Bidirectional(recurrent_at(c, "layer"), recurrent_at(c, "backward_layer"),
                            {.merge_mode = merge_mode_from(c)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Bidirectional", bidirectional_from},
    {"TimeDistributed", time_distributed_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_wrappers() { return kLayers; }

}  // namespace mien::nn
