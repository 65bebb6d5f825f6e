#pragma once

#include <string>

#include "mien/nn/module.h"

namespace mien::nn {

/// Options of Embedding.
struct EmbeddingOptions {
  Initializer embeddings_initializer = random_uniform();
  Regularizer embeddings_regularizer{};
  std::string name{};
};

/// A learned vector for each id 0 .. input_dim - 1: [N, ..] -> [N, .., output_dim]. Ids are i32, or
/// floats, which are truncated towards zero as in Keras. Keras's Embedding, without its masks.
/// Weight: embeddings [input_dim, output_dim]. Throws ValueError for a size below 1 and, on the
/// host, naming an id out of range; DTypeError for ids in bf16, which has no whole numbers above
/// 256.
/// ```cpp
/// nn::Sequential model{nn::Embedding(1000, 16), nn::LSTM(32), nn::Dense(2)};
/// model.build({20});  // 20 ids
/// ```
class Embedding : public Layer {
 public:
  Embedding(int input_dim, int output_dim, EmbeddingOptions options = {});
  using Layer::build;
  Shape build(const Shape& in) override;
  Tensor forward(const Tensor& x, Pass& pass) const override;
  std::string_view kind() const override { return "Embedding"; }
  Config config() const override;

 private:
  int input_dim_, output_dim_;
  EmbeddingOptions options_;
  Tensor embeddings_;
};

}  // namespace mien::nn
