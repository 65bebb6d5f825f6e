#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void attention_cases(LayerCases& add) {
  using namespace nn;
  const Shape query{2, 4, 6}, value{2, 5, 3}, key{2, 5, 7}, same{2, 5, 6};
  add("multi_head_attention", MultiHeadAttention(2, 3, {.kernel_regularizer = {.l2 = 0.1}}),
      {query, value});
  add("multi_head_attention_key", MultiHeadAttention(3, 2, {.value_dim = 4, .output_shape = {5}}),
      {query, value, key});
  add("multi_head_attention_causal",
      MultiHeadAttention(2, 3, {.use_bias = false, .attention_axes = {1}, .use_causal_mask = true}),
      {query, value});
  add("multi_head_attention_scores",
      MultiHeadAttention(
          2, 3, {.dropout = 0.2, .use_causal_mask = true, .return_attention_scores = true}),
      {query, value, key});
  add("multi_head_attention_images",
      MultiHeadAttention(2, 3,
                         {.output_shape = {2, 3},
                          .attention_axes = {1, 2},
                          .bias_regularizer = {.l1 = 0.1},
                          .return_attention_scores = true}),
      {{2, 2, 3, 4}, {2, 2, 2, 5}});
  add("attention", Attention(), {query, same});
  add("attention_key",
      Attention({.use_scale = true, .dropout = 0.3, .return_attention_scores = true}),
      {query, value, same});
  add("attention_concat", Attention({.score_mode = ScoreMode::concat, .use_causal_mask = true}),
      {query, same});
  add("attention_concat_scaled", Attention({.use_scale = true, .score_mode = ScoreMode::concat}),
      {query, same});
  add("additive_attention", AdditiveAttention({.dropout = 0.3}), {query, same});
  add("additive_attention_key",
      AdditiveAttention(
          {.use_scale = false, .use_causal_mask = true, .return_attention_scores = true}),
      {query, value, same});
}

}  // namespace mien
