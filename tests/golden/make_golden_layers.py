"""Outputs of Keras 3's layers -> layers/<case>.npy, summaries -> layers/<model>.txt.

Inputs and weights are not stored: both sides compute them by fill() below.
usage: KERAS_BACKEND=tensorflow python make_golden_layers.py
"""

import os

import keras
import numpy as np
from keras import layers as L

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers")


def fill(shape, k):
    """sin(0.7 (i + 1) + k) for the i-th element, row by row."""
    n = int(np.prod(shape))
    return np.sin(0.7 * (np.arange(n) + 1) + k).reshape(shape).astype(np.float32)


def weight(w, k):
    value = 0.5 * fill(w.shape, k)
    return np.abs(value) + 0.5 if w.path.endswith("moving_variance") else value


IMAGE, ROW = (2, 5, 6, 4), (3, 7)
CASES = {
    "dense": (L.Dense(5, activation="tanh"), [ROW]),
    "dense_softmax": (L.Dense(3, activation="softmax", use_bias=False), [(2, 4, 7)]),
    "conv2d": (L.Conv2D(3, (3, 2), activation="relu"), [IMAGE]),
    "conv2d_same": (L.Conv2D(3, (3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "conv2d_dilated": (L.Conv2D(3, (2, 3), dilation_rate=(2, 1), padding="same"), [IMAGE]),
    "conv2d_groups": (L.Conv2D(6, (3, 3), groups=2, use_bias=False), [IMAGE]),
    "depthwise": (L.DepthwiseConv2D((3, 3), depth_multiplier=2, activation="sigmoid"), [IMAGE]),
    "depthwise_same": (L.DepthwiseConv2D((3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "max_pooling": (L.MaxPooling2D(), [IMAGE]),
    "max_pooling_same": (L.MaxPooling2D((3, 2), strides=(2, 1), padding="same"), [IMAGE]),
    "average_pooling": (L.AveragePooling2D((2, 3)), [IMAGE]),
    "average_pooling_same": (L.AveragePooling2D((3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "global_average": (L.GlobalAveragePooling2D(), [IMAGE]),
    "global_max": (L.GlobalMaxPooling2D(keepdims=True), [IMAGE]),
    "batch_normalization": (L.BatchNormalization(), [IMAGE]),
    "batch_normalization_plain": (L.BatchNormalization(center=False, scale=False), [ROW]),
    "layer_normalization": (L.LayerNormalization(), [IMAGE]),
    "dropout": (L.Dropout(0.5), [ROW]),
    "activation": (L.Activation("gelu"), [ROW]),
    "relu": (L.ReLU(max_value=0.6, negative_slope=0.1, threshold=0.2), [ROW]),
    "relu_plain": (L.ReLU(), [ROW]),
    "leaky_relu": (L.LeakyReLU(), [ROW]),
    "elu": (L.ELU(0.7), [ROW]),
    "softmax": (L.Softmax(), [ROW]),
    "softmax_axis": (L.Softmax(axis=1), [IMAGE]),
    "flatten": (L.Flatten(), [IMAGE]),
    "reshape": (L.Reshape((4, -1, 3)), [IMAGE]),
    "zero_padding": (L.ZeroPadding2D(((1, 0), (2, 1))), [IMAGE]),
    "up_sampling": (L.UpSampling2D((2, 3)), [IMAGE]),
    "up_sampling_bilinear": (L.UpSampling2D(interpolation="bilinear"), [IMAGE]),
    "rescaling": (L.Rescaling(1 / 127.5, offset=-1), [ROW]),
    "add": (L.Add(), [IMAGE, IMAGE, (2, 1, 1, 4)]),
    "concatenate": (L.Concatenate(), [IMAGE, (2, 5, 6, 1)]),
    "concatenate_rows": (L.Concatenate(axis=1), [IMAGE, (2, 2, 6, 4)]),
}


def write(name, array):
    np.save(os.path.join(HERE, name + ".npy"), np.asarray(array, np.float32))


def summary(name, model):
    lines = []
    model.summary(print_fn=lambda text, **_: lines.append(text))
    with open(os.path.join(HERE, name + ".txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(line.rstrip("\n") for line in lines) + "\n")


def canonical():
    model = keras.Sequential([keras.Input((48, 48, 1))], name="sequential")
    for filters, size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        model.add(L.Conv2D(filters, size, padding="same"))
        for layer in (L.BatchNormalization(), L.Activation("relu"), L.MaxPooling2D(),
                      L.Dropout(0.25)):
            model.add(layer)
    model.add(L.Flatten())
    for units in (256, 512):
        for layer in (L.Dense(units), L.BatchNormalization(), L.Activation("relu"),
                      L.Dropout(0.25)):
            model.add(layer)
    model.add(L.Dense(7, activation="softmax"))
    return model


def residual():
    x = keras.Input((8, 8, 4), name="images")
    shared = L.Conv2D(4, 3, padding="same")
    y = shared(shared(x))
    y = L.Add()([y, x])
    y = L.Concatenate(name="a_rather_long_name_of_a_layer_that_is_cut")([y, x])
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling2D()(y)), name="residual")


def main():
    os.makedirs(HERE, exist_ok=True)
    keras.backend.clear_session()
    summary("canonical", canonical())
    keras.backend.clear_session()
    summary("residual", residual())
    for name, (layer, shapes) in CASES.items():
        xs = [fill(shape, k) for k, shape in enumerate(shapes)]
        x = xs[0] if len(xs) == 1 else xs
        layer(x)
        layer.set_weights([weight(w, 10 + k) for k, w in enumerate(layer.weights)])
        write(name, layer(x, training=False) if name != "batch_normalization" else layer(x))
        if name == "batch_normalization":
            write(name + "_training", layer(x, training=True))
            write(name + "_moved", np.concatenate(layer.get_weights()[2:]))


main()
