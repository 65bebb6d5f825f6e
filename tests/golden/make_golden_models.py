"""Functional models written by real Keras, with what they predict -> keras/<flavour>_f_<model>.*

Inputs are not stored: sin(0.7 (i + 1) + k) for the i-th element of the k-th one.
usage: python make_golden_models.py keras|tf_keras
"""

import importlib
import os
import sys
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")


def residual(keras):
    L = keras.layers
    x = keras.Input((8, 8, 3), name="images")
    y = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    y = L.BatchNormalization()(y)
    z = L.Activation("relu")(y)
    z = L.DepthwiseConv2D(3, padding="same")(z)
    z = L.Dropout(0.2)(z)
    y = L.Add()([y, z])
    y = L.Concatenate()([L.MaxPooling2D()(y), L.AveragePooling2D(2)(y)])
    return keras.Model(x, L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(y)))


def shared(keras):
    """One layer called at several depths, a model called twice, several inputs and outputs."""
    L = keras.layers
    a, b = keras.Input((4, 4, 2), name="left"), keras.Input((4, 4, 2), name="right")
    inner = keras.Input((4, 4, 2))
    features = L.Conv2D(3, 3, padding="same", name="features")(inner)
    normal = L.BatchNormalization(name="normal")(features)
    tower = keras.Model(inner, [normal, features], name="tower")
    dense = L.Dense(3, name="both")
    (left, left_too), (right, right_too) = tower(a), tower(b)
    first = dense(left)
    second = dense(dense(right))
    sum_ = L.Add(name="sum")([first, second])
    out = L.Dense(2, name="head")(L.Flatten()(sum_))
    return keras.Model([a, b], [out, dense(right_too), left_too, b])


def transfer(keras):
    """A frozen base inside of augmentation and a new head, Sequential inside, two levels."""
    L = keras.layers
    block = keras.Sequential([keras.Input((6, 6, 4)), L.Conv2D(4, 3, padding="same"),
                              L.BatchNormalization(), L.ReLU()], name="block")
    x = keras.Input((6, 6, 3))
    y = L.Conv2D(4, 1, name="stem")(x)
    y = L.Add()([y, block(y)])
    base = keras.Model(x, y, name="base")
    base.trainable = False
    images = keras.Input((6, 6, 3))
    y = base(L.Rescaling(0.5)(images), training=False)
    y = L.Dropout(0.2)(L.GlobalAveragePooling2D()(y))
    return keras.Model(images, L.Dense(2, name="new_head")(y))


def in_sequential(keras):
    L = keras.layers
    x = keras.Input((5, 5, 2))
    y = L.Conv2D(2, 3, padding="same")(x)
    inner = keras.Model(x, L.Multiply()([x, y]), name="gate")
    return keras.Sequential([keras.Input((5, 5, 2)), inner, L.Flatten(), L.Dense(2)])


def functions(keras):
    L = keras.layers
    x = keras.Input((4, 6, 3))
    y = L.Conv2D(4, 3, padding="same")(x)
    if keras.__name__ == "keras":
        from keras import ops
        z = y * ops.relu6(y + 3.0) * (1 / 6)
        z = (2.0 - z) / 1.5 - ops.mean(z, axis=[1, 2], keepdims=True)
        z = ops.maximum(z, ops.negative(ops.square(z)))
        z = ops.subtract(z, ops.array([0.1, 0.2, 0.3, 0.4])) if hasattr(ops, "array") else z
        z = z[:, 1:3, ::2]
        z = ops.transpose(ops.reshape(z, (-1, 6, 4)), (0, 2, 1))
        z = ops.concatenate([ops.sigmoid(z), ops.clip(z, -0.5, 0.5)], axis=1)
        z = ops.sum(z, axis=-1)
    else:
        import tensorflow as tf
        z = y * tf.nn.relu6(y + 3.0) * (1 / 6)
        z = (2.0 - z) / 1.5 - tf.reduce_mean(z, axis=[1, 2], keepdims=True)
        z = tf.maximum(z, -tf.square(z))
        z = z - tf.constant([0.1, 0.2, 0.3, 0.4])
        z = z[:, 1:3, ::2]
        z = tf.transpose(tf.reshape(z, (-1, 6, 4)), (0, 2, 1))
        z = tf.concat([tf.sigmoid(z), tf.clip_by_value(z, -0.5, 0.5)], axis=1)
        z = tf.reduce_sum(z, axis=-1)
    return keras.Model(x, L.Dense(2)(z))


def open_sizes(keras):
    L = keras.layers
    x = keras.Input((None, None, 3))
    inner = keras.Input((None, None, 4))
    block = keras.Model(inner, L.Conv2D(4, 3)(inner))
    y = block(L.Conv2D(4, 3, strides=2)(x))
    return keras.Model(x, L.GlobalMaxPooling2D()(y))


def deflate(path):
    with zipfile.ZipFile(path) as stored:
        members = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)


def main():
    import numpy as np
    flavour = sys.argv[1]
    keras = importlib.import_module(flavour)
    for make in (residual, shared, transfer, in_sequential, functions, open_sizes):
        keras.backend.clear_session()
        keras.utils.set_random_seed(7)
        model = make(keras)
        for weight in model.weights:  # statistics and biases are to matter
            value = weight.numpy()
            weight.assign(value + np.random.uniform(0, 0.2, value.shape))
        path = os.path.join(HERE, f"{flavour}_f_{make.__name__}")
        shapes = [[2 if i == 0 else size or 9 for i, size in enumerate(x.shape)]
                  for x in model.inputs]
        xs = [np.sin(0.7 * (np.arange(np.prod(s)) + 1) + k).reshape(s).astype(np.float32)
              for k, s in enumerate(shapes)]
        ys = model(xs if len(xs) > 1 else xs[0], training=False)
        ys = ys if isinstance(ys, (list, tuple)) else [ys]
        np.save(path + ".npy", np.concatenate([np.asarray(y, np.float32).ravel() for y in ys]))
        model.save(path + ".h5")
        model.save(path + ".keras")
        deflate(path + ".keras")
        if make is shared:
            model.save_weights(path + ".weights.h5")


main()
