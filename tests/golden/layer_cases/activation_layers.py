from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "activation": (L.Activation("gelu"), [ROW]),
    "relu": (L.ReLU(max_value=0.6, negative_slope=0.1, threshold=0.2), [ROW]),
    "relu_plain": (L.ReLU(), [ROW]),
    "leaky_relu": (L.LeakyReLU(), [ROW]),
    "elu": (L.ELU(0.7), [ROW]),
    "softmax": (L.Softmax(), [ROW]),
    "softmax_axis": (L.Softmax(axis=1), [IMAGE]),
}
