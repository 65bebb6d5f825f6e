#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/nn/module.h"

// Layers that let each place of a query look at all places of a value, for nn::Graph. Inputs:
// query, value, and key where it is not the value.
//
// ```cpp
// nn::Graph g;
// const auto x = g.input({20, 64});
// const auto y = g.add(nn::MultiHeadAttention(4, 16, {.dropout = 0.1}), {x, x});
// g.output(g.add(nn::Add(), {x, y}));
// ```

namespace mien::nn {

/// Options of MultiHeadAttention.
struct MultiHeadAttentionOptions {
  int value_dim = 0;     // 0: key_dim
  double dropout = 0.0;  // of the scores
  bool use_bias = true;
  std::vector<std::int64_t> output_shape{};    // none: the query's last axis
  std::vector<std::int64_t> attention_axes{};  // none: all between the batch and the last
  Initializer kernel_initializer = glorot_uniform();
  Initializer bias_initializer = zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  bool use_causal_mask = false;          // a place sees itself and those before it
  bool return_attention_scores = false;  // as a second output: [N, num_heads, T, S]
  std::string name{};
};

/// Attention with num_heads heads (Vaswani et al., "Attention is all you need", 2017): query [N, T,
/// Q], value [N, S, V], key [N, S, K] -> [N, T, Q]. Keras's MultiHeadAttention, where the last two
/// options are arguments of the call. Images and the like attend over all their places. Weights:
/// query/kernel [Q, heads, key_dim], query/bias [heads, key_dim], key/.., value/.. [V, heads,
/// value_dim], attention_output/kernel [heads, value_dim, output ..], attention_output/bias.
/// Throws ValueError for sizes below 1, a dropout outside of [0, 1) and other attention_axes;
/// ShapeError where the inputs do not fit.
class MultiHeadAttention : public Module {
 public:
  MultiHeadAttention(int num_heads, int key_dim, MultiHeadAttentionOptions options = {});
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;
  std::string_view kind() const override { return "MultiHeadAttention"; }
  Config config() const override;

 private:
  struct Projection {
    Tensor kernel{}, bias{};
  };
  Projection projection(const std::string& name, const Shape& in, const Shape& out);
  Tensor heads(const Tensor& x, const Projection& p) const;
  Shape output_shape(const Shape& query) const;

  int num_heads_, key_dim_;
  MultiHeadAttentionOptions options_;
  Projection query_, key_, value_, output_;
};

/// What Attention and AdditiveAttention share.
class ScoreAttention : public Module {
 public:
  Shapes build(std::span<const Shape> in) override;
  Tensors call(std::span<const Tensor> in, Pass& pass) const override;

 protected:
  /// How they look.
  struct Look {
    double dropout = 0.0;
    bool use_causal_mask = false;
    bool return_attention_scores = false;
  };
  explicit ScoreAttention(Look look) : look_(look) {}
  /// Weights for vectors of that length.
  virtual void make_weights(std::int64_t features) = 0;
  /// [N, T, D], [N, S, D] -> [N, T, S].
  virtual Tensor scores(const Tensor& query, const Tensor& key) const = 0;
  const Look& look() const { return look_; }

 private:
  Look look_;
  std::int64_t features_ = 0;  // 0: not built
};

/// How Attention compares.
enum class ScoreMode : std::uint8_t {
  dot,    // q . k
  concat  // sum tanh(q + k)
};

/// Options of Attention.
struct AttentionOptions {
  bool use_scale = false;  // a learned factor
  ScoreMode score_mode = ScoreMode::dot;
  double dropout = 0.0;                  // of the scores
  bool use_causal_mask = false;          // a place sees itself and those before it
  bool return_attention_scores = false;  // as a second output: [N, T, S]
  std::string name{};
};

/// Dot-product attention (Luong et al., 2015): query [N, T, D], value [N, S, V], key [N, S, D] ->
/// [N, T, V]. Keras's Attention, where the last two options are arguments of the call. Weights:
/// scale [] with use_scale, concat_score_weight [] with concat. Throws as MultiHeadAttention.
class Attention : public ScoreAttention {
 public:
  explicit Attention(AttentionOptions options = {});
  std::string_view kind() const override { return "Attention"; }
  Config config() const override;

 protected:
  void make_weights(std::int64_t features) override;
  Tensor scores(const Tensor& query, const Tensor& key) const override;

 private:
  bool use_scale_;
  ScoreMode score_mode_;
  Tensor scale_, concat_score_weight_;
};

/// Options of AdditiveAttention.
struct AdditiveAttentionOptions {
  bool use_scale = true;                 // a learned factor for each feature
  double dropout = 0.0;                  // of the scores
  bool use_causal_mask = false;          // a place sees itself and those before it
  bool return_attention_scores = false;  // as a second output: [N, T, S]
  std::string name{};
};

/// Additive attention (Bahdanau et al., 2015), with scores sum scale tanh(q + k). Keras's
/// AdditiveAttention. Weight: scale [D]. Otherwise as Attention.
class AdditiveAttention : public ScoreAttention {
 public:
  explicit AdditiveAttention(AdditiveAttentionOptions options = {});
  std::string_view kind() const override { return "AdditiveAttention"; }
  Config config() const override;

 protected:
  void make_weights(std::int64_t features) override;
  Tensor scores(const Tensor& query, const Tensor& key) const override;

 private:
  bool use_scale_;
  Tensor scale_;
};

}  // namespace mien::nn
