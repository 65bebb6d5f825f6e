#include <cmath>
#include <utility>

#include "lib/nn/attention_scores.h"
#include "lib/nn/layer_config.h"
#include "mien/nn/attention.h"
#include "mien/ops/dropout.h"
#include "mien/ops/matmul.h"
#include "mien/ops/movement.h"

namespace mien::nn {
namespace {

Shape shape_of(const std::vector<std::int64_t>& sizes) {
  return Shape(std::span<const std::int64_t>(sizes));
}

// All places of a sample [.., C], or of a batch.
Shape places(const Shape& sample) { return sample.slice(0, -1); }

}  // namespace

MultiHeadAttention::MultiHeadAttention(int num_heads, int key_dim,
                                       MultiHeadAttentionOptions options)
    : num_heads_(num_heads), key_dim_(key_dim), options_(std::move(options)) {
  check_positive("MultiHeadAttention", "num_heads", {num_heads});
  check_positive("MultiHeadAttention", "key_dim", {key_dim});
  if (options_.value_dim == 0) options_.value_dim = key_dim;
  check_positive("MultiHeadAttention", "value_dim", {options_.value_dim});
  for (const std::int64_t size : options_.output_shape)
    check_positive("MultiHeadAttention", "output_shape", {int(size)});
  check_attention_dropout("MultiHeadAttention", options_.dropout);
  set_name(options_.name);
}

// Keras's einsum kernels are matrices with their rows or columns spread over several axes; values
// are drawn as for those matrices.
MultiHeadAttention::Projection MultiHeadAttention::projection(const std::string& name,
                                                              const Shape& in, const Shape& out) {
  Projection made;
  made.kernel = param(name + "/kernel", join(in, out), zeros(), options_.kernel_regularizer);
  made.kernel.copy_from(options_.kernel_initializer({in.numel(), out.numel()}, default_generator())
                            .view(join(in, out)));
  if (options_.use_bias)
    made.bias = param(name + "/bias", out, options_.bias_initializer, options_.bias_regularizer);
  return made;
}

Shape MultiHeadAttention::output_shape(const Shape& query) const {
  return join(places(query),
              options_.output_shape.empty() ? Shape{query[-1]} : shape_of(options_.output_shape));
}

Shapes MultiHeadAttention::build(std::span<const Shape> in) {
  const AttentionInputs<Shape> x(kind(), in);
  for (const Shape& each : in)
    MIEN_CHECK(each.rank() >= 2, ShapeError, kind(), ": a sample must be [T, C]; got ", each);
  MIEN_CHECK(places(x.value) == places(x.key), ShapeError, kind(),
             ": value and key must have the same places; got ", x.value, " and ", x.key);
  const std::vector<std::int64_t>& axes = options_.attention_axes;
  bool all = axes.empty() || int(axes.size()) == x.query.rank() - 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + x.query.rank() + 1 : axes[i];
    all = all && axis == std::int64_t(i) + 1;
  }
  MIEN_CHECK(all, ValueError, kind(), " '", this->name(),
             "': attention_axes other than all between the batch and the last are not supported");
  if (query_.kernel.defined()) {
    check_channels(*this, query_.kernel.shape()[0], x.query);
    check_channels(*this, key_.kernel.shape()[0], x.key);
    check_channels(*this, value_.kernel.shape()[0], x.value);
  } else {
    query_ = projection("query", {x.query[-1]}, {num_heads_, key_dim_});
    key_ = projection("key", {x.key[-1]}, {num_heads_, key_dim_});
    value_ = projection("value", {x.value[-1]}, {num_heads_, options_.value_dim});
    output_ = projection("attention_output", {num_heads_, options_.value_dim},
                         output_shape({1, x.query[-1]}).slice(1));
  }
  Shapes out = output_shape(x.query);
  if (options_.return_attention_scores)
    out.push_back(join({num_heads_}, join(places(x.query), places(x.key))));
  return out;
}

// [N, .., C] -> [N, heads, places, size of a head].
Tensor MultiHeadAttention::heads(const Tensor& x, const Projection& p) const {
  const std::int64_t size = p.kernel.shape()[2], columns = num_heads_ * size;
  const Tensor y = dense(x, p.kernel.view({p.kernel.shape()[0], columns}),
                         p.bias.defined() ? p.bias.view({columns}) : p.bias);
  const std::int64_t count = places(x.shape().slice(1)).numel();
  return transpose(y.view({x.shape()[0], count, num_heads_, size}), {0, 2, 1, 3});
}

Tensors MultiHeadAttention::call(std::span<const Tensor> in, Pass& pass) const {
  check_built(*this, query_.kernel);
  const AttentionInputs<Tensor> x(kind(), in);
  for (const Tensor& each : in)
    MIEN_CHECK(each.rank() >= 3, ShapeError, kind(), ": inputs must be [N, T, C]; got ",
               each.shape());
  const Tensor query = heads(in_f32(x.query), query_) * (1 / std::sqrt(double(key_dim_)));
  const Tensor key = heads(in_f32(x.key), key_), value = heads(in_f32(x.value), value_);
  const Tensor weights =
      attention_weights(matmul(query, key, {.transpose_b = true}), options_.use_causal_mask);
  const bool drops = pass.training && options_.dropout > 0;
  const Tensor seen =
      matmul(drops ? dropout(weights, options_.dropout, pass.generator()) : weights, value);
  const std::int64_t rows = num_heads_ * options_.value_dim, n = query.shape()[0];
  const Shape sample = output_shape(x.query.shape().slice(1));
  const std::int64_t columns = output_.kernel.numel() / rows;
  const Tensor y = dense(transpose(seen, {0, 2, 1, 3}).view({n, query.shape()[2], rows}),
                         output_.kernel.view({rows, columns}),
                         output_.bias.defined() ? output_.bias.view({columns}) : output_.bias);
  Tensors out = y.view(join({n}, sample)).to(x.query.dtype());
  if (options_.return_attention_scores)
    out.push_back(weights.view(join(
        {n, num_heads_}, join(places(x.query.shape().slice(1)), places(x.key.shape().slice(1))))));
  return out;
}

Config MultiHeadAttention::config() const {
  const auto list = [](const std::vector<std::int64_t>& sizes) {
    return sizes.empty() ? Config::Value() : Config::Value(Config::Ints(sizes));
  };
  Config config;
  config.set("num_heads", num_heads_)
      .set("key_dim", key_dim_)
      .set("value_dim", options_.value_dim)
      .set("dropout", options_.dropout)
      .set("use_bias", options_.use_bias)
      .set("output_shape", list(options_.output_shape))
      .set("attention_axes", list(options_.attention_axes))
      .set("kernel_initializer", initializer_value(options_.kernel_initializer))
      .set("bias_initializer", initializer_value(options_.bias_initializer))
      .set("kernel_regularizer", regularizer_value(options_.kernel_regularizer))
      .set("bias_regularizer", regularizer_value(options_.bias_regularizer));
  // Arguments of the call in Keras, whose configs do not have them.
  if (options_.use_causal_mask) config.set("use_causal_mask", true);
  if (options_.return_attention_scores) config.set("return_attention_scores", true);
  return config;
}

}  // namespace mien::nn
