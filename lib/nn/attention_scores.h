#pragma once

#include <string_view>
#include <vector>

#include "mien/base/error.h"
#include "mien/nn/module.h"
#include "mien/ops/activations.h"
#include "mien/ops/elementwise.h"
#include "mien/tensor.h"

// What all attention does with its scores [.., T, S].

namespace mien::nn {

/// Query, value and key, which is the value where none is given. Throws ValueError "Attention:
/// takes query, value and, where it is not the value, key; got 1 inputs".
template <class T>
struct AttentionInputs {
  T query, value, key;
  AttentionInputs(std::string_view kind, std::span<const T> in) {
    MIEN_CHECK(in.size() == 2 || in.size() == 3, ValueError, kind,
               ": takes query, value and, where it is not the value, key; got ", in.size(),
               " inputs");
    query = in[0];
    value = in[1];
    key = in[in.size() - 1];
  }
};

inline void check_attention_dropout(std::string_view kind, double rate) {
  MIEN_CHECK(rate >= 0 && rate < 1, ValueError, kind,
             ": dropout must be at least 0 and below 1; got ", rate);
}

/// In bf16 a softmax over many places is too coarse.
inline Tensor in_f32(const Tensor& x) { return x.dtype() == DType::bf16 ? x.to(DType::f32) : x; }

/// softmax over the last axis; causal: places after the query's own have no part.
inline Tensor attention_weights(const Tensor& scores, bool causal) {
  if (!causal) return softmax(scores);
  const auto places = [&](std::int64_t count, const Shape& shape) {
    std::vector<double> each(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = double(i);
    return Tensor::from(each, shape, {.dtype = DType::i32, .device = scores.device()});
  };
  const std::int64_t t = scores.shape()[-2], s = scores.shape()[-1];
  const Tensor seen = greater_equal(places(t, {t, 1}), places(s, {1, s}));
  return softmax(where(seen, scores, -1e9));
}

}  // namespace mien::nn
