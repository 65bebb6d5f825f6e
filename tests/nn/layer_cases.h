#pragma once

#include "tests/nn/cases/activation_layers.h"
#include "tests/nn/cases/attention.h"
#include "tests/nn/cases/conv.h"
#include "tests/nn/cases/conv1d.h"
#include "tests/nn/cases/conv_transpose.h"
#include "tests/nn/cases/dense.h"
#include "tests/nn/cases/dropout.h"
#include "tests/nn/cases/embedding.h"
#include "tests/nn/cases/merge.h"
#include "tests/nn/cases/noise.h"
#include "tests/nn/cases/normalization.h"
#include "tests/nn/cases/operation.h"
#include "tests/nn/cases/pooling.h"
#include "tests/nn/cases/pooling1d.h"
#include "tests/nn/cases/preprocessing.h"
#include "tests/nn/cases/random_layers.h"
#include "tests/nn/cases/recurrent.h"
#include "tests/nn/cases/residual.h"
#include "tests/nn/cases/shape_layers.h"
#include "tests/nn/cases/shape_layers1d.h"
#include "tests/nn/cases/wrappers.h"

namespace mien {

inline std::vector<LayerCase> layer_cases() {
  LayerCases cases;
  activation_layers_cases(cases);
  attention_cases(cases);
  conv_cases(cases);
  conv1d_cases(cases);
  conv_transpose_cases(cases);
  dense_cases(cases);
  dropout_cases(cases);
  embedding_cases(cases);
  merge_cases(cases);
  noise_cases(cases);
  normalization_cases(cases);
  operation_cases(cases);
  pooling_cases(cases);
  pooling1d_cases(cases);
  preprocessing_cases(cases);
  random_layers_cases(cases);
  recurrent_cases(cases);
  residual_cases(cases);
  shape_layers_cases(cases);
  shape_layers1d_cases(cases);
  wrappers_cases(cases);
  return std::move(cases.all);
}

}  // namespace mien
