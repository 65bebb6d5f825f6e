from keras import layers as L

STEPS, STATE = (3, 5, 4), (3, 6)
CASES = {
    "simple_rnn": (L.SimpleRNN(6), [STEPS]),
    "simple_rnn_sequences": (L.SimpleRNN(3, activation="relu", use_bias=False,
                                         return_sequences=True, go_backwards=True), [STEPS]),
    "simple_rnn_state": (L.SimpleRNN(6, return_state=True), [STEPS, STATE]),
    "lstm": (L.LSTM(6), [STEPS]),
    "lstm_sequences": (L.LSTM(2, return_sequences=True, activation="elu",
                              recurrent_activation="hard_sigmoid",
                              use_bias=False), [STEPS]),
    "lstm_backwards": (L.LSTM(6, return_sequences=True, go_backwards=True, return_state=True),
                       [STEPS]),
    "lstm_state": (L.LSTM(6, return_state=True), [STEPS, STATE, STATE]),
    "lstm_one_step": (L.LSTM(1, unit_forget_bias=False), [(1, 1, 2)]),
    "gru": (L.GRU(6), [STEPS]),
    "gru_sequences": (L.GRU(2, return_sequences=True, activation="elu",
                            recurrent_activation="hard_sigmoid", use_bias=False), [STEPS]),
    "gru_reset_before": (L.GRU(6, reset_after=False, return_sequences=True, go_backwards=True),
                         [STEPS]),
    "gru_reset_before_no_bias": (L.GRU(3, reset_after=False, use_bias=False), [STEPS]),
    "gru_state": (L.GRU(6, return_state=True, return_sequences=True), [STEPS, STATE]),
    "lstm_dropout": (L.LSTM(3, dropout=0.3), [STEPS]),
    "lstm_recurrent_dropout": (L.LSTM(3, dropout=0.3, recurrent_dropout=0.4), [STEPS]),
    "gru_recurrent_dropout": (L.GRU(3, recurrent_dropout=0.4), [STEPS]),
    "gru_both_dropouts": (L.GRU(3, dropout=0.3, recurrent_dropout=0.4, reset_after=False), [STEPS]),
    "simple_rnn_dropout": (L.SimpleRNN(3, dropout=0.3, recurrent_dropout=0.4), [STEPS]),
}
