"""Outputs of Keras 3's layers -> layers/<case>.npy, summaries -> layers/<model>.txt.

Inputs and weights are not stored: both sides compute them by fill() below.
usage: KERAS_BACKEND=tensorflow python make_golden_layers.py [FAMILY...]  (all of layer_cases/)
"""

import importlib
import os
import sys

import keras
import numpy as np
from keras import layers as L
from keras.src.layers.merging import base_merge

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers")


def fill(shape, k):
    """sin(0.7 (i + 1) + k) for the i-th element, row by row."""
    n = int(np.prod(shape))
    return np.sin(0.7 * (np.arange(n) + 1) + k).reshape(shape).astype(np.float32)


def weight(w, k):
    value = 0.5 * fill(w.shape, k)
    return np.abs(value) + 0.5 if w.path.endswith("variance") else value


def families():
    """The modules of layer_cases/, each with its CASES.

    name -> (layer, shapes of the inputs[, named arguments of the call])
    """
    files = sorted(os.listdir(os.path.join(os.path.dirname(HERE), "layer_cases")))
    names = [file[:-3] for file in files if file.endswith(".py") and file != "shapes.py"]
    return {name: importlib.import_module("layer_cases." + name) for name in names}


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


def inputs_of(layer, shapes):
    """What the layer is called with."""
    xs = [fill(shape, k) for k, shape in enumerate(shapes)]
    if isinstance(layer, L.Embedding):
        return [np.floor(np.abs(xs[0]) * layer.input_dim)]
    if isinstance(layer, (L.RNN, L.Bidirectional)) and len(xs) > 1:
        return [xs[0], xs[1:]]  # the first state
    together = (base_merge.Merge, L.Attention)
    if isinstance(layer, together) or type(layer).__name__ == "CustomScaleLayer":
        return [xs]
    return xs


def joined(outputs):
    """Several outputs as one vector."""
    if not isinstance(outputs, (tuple, list)):
        return outputs
    return np.concatenate([np.ravel(each) for each in outputs])


def layers(cases):
    for name, (layer, shapes, *named) in cases.items():
        inputs = inputs_of(layer, shapes)
        named = named[0] if named else {}
        layer(*inputs, **named)
        layer.set_weights([weight(w, 10 + k) for k, w in enumerate(layer.weights)])
        if isinstance(layer, L.Normalization):
            layer.finalize_state()
        if len(inputs) == 1:
            named["training"] = name.endswith("_training")
        write(name, joined(layer(*inputs, **named)))
        if name == "batch_normalization":
            write(name + "_training", layer(*inputs, training=True))
            write(name + "_moved", np.concatenate(layer.get_weights()[2:]))


def main():
    os.makedirs(HERE, exist_ok=True)
    wanted = sys.argv[1:]
    if not wanted:
        for make in (canonical, residual):
            keras.backend.clear_session()
            summary(make.__name__, make())
    for name, family in families().items():
        if not wanted or name in wanted:
            layers(family.CASES)


main()
