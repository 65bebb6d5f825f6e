#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void embedding_cases(LayerCases& add) {
  using namespace nn;
  add("embedding", Embedding(6, 3, {.embeddings_regularizer = {.l2 = 0.1}}), {{3, 5}});
  add.all.back().ids = 6;
  add("embedding_images", Embedding(4, 2), {{2, 3, 4}});
  add.all.back().ids = 4;
}

}  // namespace mien
