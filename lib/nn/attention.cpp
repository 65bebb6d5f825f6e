#include "mien/nn/attention.h"

#include "lib/nn/attention_scores.h"
#include "lib/nn/layer_config.h"
#include "mien/ops/dropout.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"
#include "mien/ops/reduce.h"

namespace mien::nn {
namespace {

// Each query with each key: [N, T, 1, D] + [N, 1, S, D].
Tensor pairs(const Tensor& query, const Tensor& key) {
  return expand_dims(query, 2) + expand_dims(key, 1);
}

Config call_arguments(Config config, bool use_causal_mask, bool return_attention_scores) {
  if (use_causal_mask) config.set("use_causal_mask", true);
  if (return_attention_scores) config.set("return_attention_scores", true);
  return config;
}

}  // namespace

Shapes ScoreAttention::build(std::span<const Shape> in) {
  const AttentionInputs<Shape> x(kind(), in);
  for (const Shape& each : in) check_sample(*this, each, 2, "[T, C]");
  MIEN_CHECK(x.query[1] == x.key[1] && x.key[0] == x.value[0], ShapeError, kind(),
             ": query, value and key must be [T, D], [S, V] and [S, D]; got ", x.query, ", ",
             x.value, " and ", x.key);
  if (features_ > 0) {
    check_channels(*this, features_, x.query);
  } else {
    make_weights(x.query[1]);
    features_ = x.query[1];
  }
  Shapes out = Shape{x.query[0], x.value[1]};
  if (look_.return_attention_scores) out.push_back({x.query[0], x.key[0]});
  return out;
}

Tensors ScoreAttention::call(std::span<const Tensor> in, Pass& pass) const {
  MIEN_CHECK(features_ > 0, ValueError, kind(),
             ": is not built; call build() with the shapes of one sample");
  const AttentionInputs<Tensor> x(kind(), in);
  for (const Tensor& each : in)
    MIEN_CHECK(each.rank() == 3, ShapeError, kind(), ": inputs must be [N, T, C]; got ",
               each.shape());
  Tensor weights = attention_weights(scores(in_f32(x.query), in_f32(x.key)), look_.use_causal_mask);
  if (pass.training && look_.dropout > 0)
    weights = dropout(weights, look_.dropout, pass.generator());
  Tensors out = matmul(weights, in_f32(x.value)).to(x.value.dtype());
  if (look_.return_attention_scores) out.push_back(weights);
  return out;
}

Attention::Attention(AttentionOptions options)
    : ScoreAttention({.dropout = options.dropout,
                      .use_causal_mask = options.use_causal_mask,
                      .return_attention_scores = options.return_attention_scores}),
      use_scale_(options.use_scale),
      score_mode_(options.score_mode) {
  check_attention_dropout("Attention", options.dropout);
  set_name(options.name);
}

void Attention::make_weights(std::int64_t) {
  if (use_scale_) scale_ = param("scale", {}, ones());
  if (score_mode_ == ScoreMode::concat)
    concat_score_weight_ = param("concat_score_weight", {}, ones());
}

Tensor Attention::scores(const Tensor& query, const Tensor& key) const {
  if (score_mode_ == ScoreMode::dot) {
    const Tensor y = matmul(query, key, {.transpose_b = true});
    return scale_.defined() ? y * scale_ : y;
  }
  const Tensor x = pairs(query, key);
  return concat_score_weight_ * sum(tanh(scale_.defined() ? scale_ * x : x), -1);
}

Config Attention::config() const {
  return call_arguments(Config()
                            .set("use_scale", use_scale_)
                            .set("score_mode", score_mode_ == ScoreMode::dot ? "dot" : "concat")
                            .set("dropout", look().dropout),
                        look().use_causal_mask, look().return_attention_scores);
}

AdditiveAttention::AdditiveAttention(AdditiveAttentionOptions options)
    : ScoreAttention({.dropout = options.dropout,
                      .use_causal_mask = options.use_causal_mask,
                      .return_attention_scores = options.return_attention_scores}),
      use_scale_(options.use_scale) {
  check_attention_dropout("AdditiveAttention", options.dropout);
  set_name(options.name);
}

void AdditiveAttention::make_weights(std::int64_t features) {
  if (use_scale_) scale_ = param("scale", {features}, glorot_uniform());
}

Tensor AdditiveAttention::scores(const Tensor& query, const Tensor& key) const {
  const Tensor x = tanh(pairs(query, key));
  return sum(scale_.defined() ? scale_ * x : x, -1);
}

Config AdditiveAttention::config() const {
  return call_arguments(Config().set("use_scale", use_scale_).set("dropout", look().dropout),
                        look().use_causal_mask, look().return_attention_scores);
}

}  // namespace mien::nn
