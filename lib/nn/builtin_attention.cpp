#include "lib/nn/builtin_layers.h"
#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/nn/attention.h"

namespace mien::nn {
namespace {

std::unique_ptr<Module> multi_head_attention_from(const Config& c) {
  refuse_options(c, {"use_gate", "sliding_window"});
  return made(MultiHeadAttention(
      int(c.need_int("num_heads")), int(c.need_int("key_dim")),
      {.value_dim = int(c.get_int("value_dim", 0)),
       .dropout = c.get_double("dropout", 0),
       .use_bias = c.get_bool("use_bias", true),
       .output_shape = c.get_ints("output_shape", {}),
       .attention_axes = c.get_ints("attention_axes", {}),
       .kernel_initializer = initializer_from(c, "kernel_initializer", glorot_uniform()),
       .bias_initializer = initializer_from(c, "bias_initializer", zeros()),
       .kernel_regularizer = regularizer_from(c, "kernel_regularizer"),
       .bias_regularizer = regularizer_from(c, "bias_regularizer"),
       .use_causal_mask = c.get_bool("use_causal_mask", false),
       .return_attention_scores = c.get_bool("return_attention_scores", false)}));
}

std::unique_ptr<Module> attention_from(const Config& c) {
  const std::string mode = c.get_string("score_mode", "dot");
  MIEN_CHECK(mode == "dot" || mode == "concat", ValueError,
             "Attention: score_mode must be dot or concat; got '", mode, "'");
  // "causal" is an option of the layer in early versions of Keras 2.
  return made(
      Attention({.use_scale = c.get_bool("use_scale", false),
                 .score_mode = mode == "dot" ? ScoreMode::dot : ScoreMode::concat,
                 .dropout = c.get_double("dropout", 0),
                 .use_causal_mask = c.get_bool("use_causal_mask", c.get_bool("causal", false)),
                 .return_attention_scores = c.get_bool("return_attention_scores", false)}));
}

std::unique_ptr<Module> additive_attention_from(const Config& c) {
  return made(AdditiveAttention(
      {.use_scale = c.get_bool("use_scale", true),
       .dropout = c.get_double("dropout", 0),
       .use_causal_mask = c.get_bool("use_causal_mask", c.get_bool("causal", false)),
       .return_attention_scores = c.get_bool("return_attention_scores", false)}));
}

constexpr BuiltinLayer kLayers[] = {
    {"AdditiveAttention", additive_attention_from},
    {"Attention", attention_from},
    {"MultiHeadAttention", multi_head_attention_from},
};

}  // namespace

std::span<const BuiltinLayer> builtin_attention() { return kLayers; }

}  // namespace mien::nn
