#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void wrappers_cases(LayerCases& add) {
  using namespace nn;
  const Shape steps{3, 5, 4}, state{3, 3};
  add("time_distributed", TimeDistributed(Dense(3, {.activation = Act::tanh})), {steps});
  add("time_distributed_conv",
      TimeDistributed(Conv2D(3, {3, 3}, {.strides = {2, 2}, .padding = same})), {{2, 3, 5, 6, 2}});
  add("time_distributed_norm", TimeDistributed(BatchNormalization()), {steps});
  add("time_distributed_twice",
      TimeDistributed(
          std::make_unique<TimeDistributed>(Dense(3, {.kernel_regularizer = {.l2 = 1}}))),
      {{2, 3, 4, 5}});
  add("time_distributed_model", TimeDistributed(Sequential{Dense(4), ReLU(), Dense(2)}), {steps});
  add("bidirectional", Bidirectional(LSTM(3)), {steps});
  add("bidirectional_sequences", Bidirectional(GRU(3, {.return_sequences = true})), {steps});
  add("bidirectional_sum",
      Bidirectional(SimpleRNN(3, {.return_sequences = true}), {.merge_mode = MergeMode::sum}),
      {steps});
  add("bidirectional_mul",
      Bidirectional(LSTM(3, {.return_sequences = true, .return_state = true}),
                    {.merge_mode = MergeMode::mul}),
      {steps});
  add("bidirectional_ave", Bidirectional(GRU(3), {.merge_mode = MergeMode::ave}), {steps});
  add("bidirectional_none",
      Bidirectional(LSTM(3, {.return_state = true}), {.merge_mode = MergeMode::none}), {steps});
  add("bidirectional_other",
      Bidirectional(LSTM(3, {.return_sequences = true}),
                    GRU(2, {.return_sequences = true, .go_backwards = true})),
      {steps});
  add("bidirectional_state", Bidirectional(LSTM(3, {.return_state = true})),
      {steps, state, state, state, state});
}

}  // namespace mien
