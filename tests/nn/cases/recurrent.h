#pragma once

#include "tests/nn/cases/layer_case.h"

namespace mien {

inline void recurrent_cases(LayerCases& add) {
  using namespace nn;
  const Shape steps{3, 5, 4}, state{3, 6};
  add("simple_rnn", SimpleRNN(6), {steps});
  add("simple_rnn_sequences",
      SimpleRNN(3, {.activation = Act::relu,
                    .use_bias = false,
                    .kernel_regularizer = {.l2 = 0.1},
                    .return_sequences = true,
                    .go_backwards = true}),
      {steps});
  add("simple_rnn_state", SimpleRNN(6, {.return_state = true}), {steps, state});
  add("lstm", LSTM(6, {.recurrent_regularizer = {.l1 = 0.1}, .bias_regularizer = {.l2 = 0.1}}),
      {steps});
  add("lstm_sequences",
      LSTM(2, {.activation = Act::elu,
               .recurrent_activation = Act::hard_sigmoid,
               .use_bias = false,
               .recurrent_initializer = glorot_normal(),
               .return_sequences = true}),
      {steps});
  add("lstm_backwards",
      LSTM(6, {.return_sequences = true, .return_state = true, .go_backwards = true}), {steps});
  add("lstm_state", LSTM(6, {.return_state = true}), {steps, state, state});
  add("lstm_one_step", LSTM(1, {.unit_forget_bias = false}), {{1, 1, 2}});
  add("gru", GRU(6), {steps});
  add("gru_sequences",
      GRU(2, {.activation = Act::elu,
              .recurrent_activation = Act::hard_sigmoid,
              .use_bias = false,
              .return_sequences = true}),
      {steps});
  add("gru_reset_before",
      GRU(6, {.return_sequences = true, .go_backwards = true, .reset_after = false}), {steps});
  add("gru_reset_before_no_bias", GRU(3, {.use_bias = false, .reset_after = false}), {steps});
  add("gru_state", GRU(6, {.return_sequences = true, .return_state = true}), {steps, state});
  add("lstm_dropout", LSTM(3, {.dropout = 0.3}), {steps});
  add("lstm_recurrent_dropout", LSTM(3, {.dropout = 0.3, .recurrent_dropout = 0.4}), {steps});
  add("gru_recurrent_dropout", GRU(3, {.recurrent_dropout = 0.4}), {steps});
  add("gru_both_dropouts", GRU(3, {.dropout = 0.3, .recurrent_dropout = 0.4, .reset_after = false}),
      {steps});
  add("simple_rnn_dropout", SimpleRNN(3, {.dropout = 0.3, .recurrent_dropout = 0.4}), {steps});
}

}  // namespace mien
