#include "lib/nn/builtin_layers.h"
#include "mien/nn/merge.h"

namespace mien::nn {
namespace {

constexpr BuiltinLayer kLayers[] = {
    {"Add", [](const Config&) { return made(Add()); }},
    {"Concatenate", [](const Config& c) { return made(Concatenate(int(c.get_int("axis", -1)))); }},
};

}  // namespace

std::span<const BuiltinLayer> builtin_merge() { return kLayers; }

}  // namespace mien::nn
