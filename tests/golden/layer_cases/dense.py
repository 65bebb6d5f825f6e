from keras import layers as L

from .shapes import ROW

CASES = {
    "dense": (L.Dense(5, activation="tanh"), [ROW]),
    "dense_softmax": (L.Dense(3, activation="softmax", use_bias=False), [(2, 4, 7)]),
}
