import keras
import numpy as np
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
    "softmax_axes": (L.Softmax(axis=[1, -1]), [IMAGE]),
    "softmax_middle_axes": (L.Softmax(axis=[1, 2]), [IMAGE]),
    "thresholded_relu": (L.ReLU(threshold=0.3), [ROW]),
    "prelu": (L.PReLU(), [IMAGE]),
    "prelu_shared": (L.PReLU(shared_axes=[1, 2]), [IMAGE]),
}

NAMES = """linear relu leaky_relu elu selu gelu silu sigmoid hard_sigmoid tanh softplus softmax
    exponential relu6 celu mish hard_silu hard_tanh softsign log_sigmoid log_softmax tanh_shrink
    soft_shrink hard_shrink squareplus sparse_plus sparse_sigmoid""".split()
for name in NAMES:
    CASES["activation_" + name] = (keras.Sequential([L.Rescaling(8), L.Activation(name)]), [ROW])
# What Keras 3 has no name for: gelu's approximation, and Keras 2's hard_sigmoid.
CASES["activation_gelu_tanh"] = (keras.Sequential(
    [L.Rescaling(8), L.Activation(lambda x: keras.activations.gelu(x, approximate=True))]), [ROW])
CASES["activation_hard_sigmoid_2"] = (keras.Sequential(
    [L.Rescaling(8 * 0.2, offset=0.5), L.ReLU(max_value=1)]), [ROW])


def sparsemax(x):
    """By its definition: Keras 3.15 adds the sums of all supports up, and gives no probabilities."""
    x = np.asarray(x)
    descending = -np.sort(-x, axis=-1)
    sums = np.cumsum(descending, axis=-1)
    k = np.sum(1 + np.arange(1, x.shape[-1] + 1) * descending > sums, axis=-1, keepdims=True)
    return np.maximum(x - (np.take_along_axis(sums, k - 1, -1) - 1) / k, 0)


CASES["activation_sparsemax"] = (keras.Sequential([L.Rescaling(8), L.Lambda(sparsemax)]), [ROW])
