import keras
from keras import layers as L

from .recurrent import STEPS

FRAMES = (2, 3, 5, 6, 2)


def pair(*layers):
    return keras.Sequential(list(layers))


CASES = {
    "time_distributed": (L.TimeDistributed(L.Dense(3, activation="tanh")), [STEPS]),
    "time_distributed_conv": (L.TimeDistributed(L.Conv2D(3, 3, strides=2, padding="same")),
                              [FRAMES]),
    "time_distributed_norm": (L.TimeDistributed(L.BatchNormalization()), [STEPS]),
    "time_distributed_twice": (L.TimeDistributed(L.TimeDistributed(L.Dense(3))), [(2, 3, 4, 5)]),
    "time_distributed_model": (L.TimeDistributed(pair(L.Dense(4), L.ReLU(), L.Dense(2))), [STEPS]),
    "bidirectional": (L.Bidirectional(L.LSTM(3)), [STEPS]),
    "bidirectional_sequences": (L.Bidirectional(L.GRU(3, return_sequences=True)), [STEPS]),
    "bidirectional_sum": (L.Bidirectional(L.SimpleRNN(3, return_sequences=True),
                                          merge_mode="sum"), [STEPS]),
    "bidirectional_mul": (L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True),
                                          merge_mode="mul"), [STEPS]),
    "bidirectional_ave": (L.Bidirectional(L.GRU(3), merge_mode="ave"), [STEPS]),
    "bidirectional_none": (L.Bidirectional(L.LSTM(3, return_state=True), merge_mode=None),
                           [STEPS]),
    "bidirectional_other": (L.Bidirectional(L.LSTM(3, return_sequences=True),
                                            backward_layer=L.GRU(2, go_backwards=True,
                                                                 return_sequences=True)), [STEPS]),
    "bidirectional_state": (L.Bidirectional(L.LSTM(3, return_state=True)),
                            [STEPS, (3, 3), (3, 3), (3, 3), (3, 3)]),
}
