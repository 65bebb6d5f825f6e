#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/embedding.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> embedding_from(const Config& c) {
  refuse_options(c, {"mask_zero"});
  return made(Embedding(
      int(c.need_int("input_dim")), int(c.need_int("output_dim")),
      {.embeddings_initializer = initializer_from(c, "embeddings_initializer", random_uniform()),
       .embeddings_regularizer = regularizer_from(c, "embeddings_regularizer")}));
}

constexpr BuiltinLayer kLayers[] = {
    {"Embedding", embedding_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_embedding() { return kLayers; }

}  // namespace mien::nn
