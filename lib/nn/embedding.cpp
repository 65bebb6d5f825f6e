#include "mien/nn/embedding.h"

#include <utility>

#include "lib/nn/layer_config.h"
#include "mien/base/error.h"
#include "mien/ops/movement.h"

namespace mien::nn {

Embedding::Embedding(int input_dim, int output_dim, EmbeddingOptions options)
    : input_dim_(input_dim), output_dim_(output_dim), options_(std::move(options)) {
  check_positive("Embedding", "input_dim", {input_dim});
  check_positive("Embedding", "output_dim", {output_dim});
  set_name(options_.name);
}

Shape Embedding::build(const Shape& in) {
  if (!embeddings_.defined())
    embeddings_ = param("embeddings", {input_dim_, output_dim_}, options_.embeddings_initializer,
                        options_.embeddings_regularizer);
  return join(in, {output_dim_});
}

Tensor Embedding::forward(const Tensor& x, Pass& pass) const {
  check_built(*this, embeddings_);
  MIEN_CHECK(x.dtype() != DType::bf16, DTypeError,
             "Embedding: ids in bf16 are not exact above 256; give them as i32");
  const Tensor ids = x.detach().to(DType::i32);
  // gather() says so too, but not whose it is. A device's ids are not looked at.
  if (ids.device() == kCpu) {
    const std::int32_t* id = std::as_const(ids).data<std::int32_t>();
    for (std::int64_t i = 0; i < ids.numel(); ++i)
      MIEN_CHECK(0 <= id[i] && id[i] < input_dim_, ValueError, "Embedding '", name(), "': id ",
                 id[i], " is not in 0 .. ", input_dim_ - 1);
  }
  const Tensor y = gather(embeddings_, ids);
  return pass.activations == DType::bf16 ? y.to(DType::bf16) : y;
}

Config Embedding::config() const {
  return Config()
      .set("input_dim", input_dim_)
      .set("output_dim", output_dim_)
      .set("embeddings_initializer", initializer_value(options_.embeddings_initializer))
      .set("embeddings_regularizer", regularizer_value(options_.embeddings_regularizer))
      .set("mask_zero", false);
}

}  // namespace mien::nn
