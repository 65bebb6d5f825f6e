"""Files written by real Keras, with what it predicts from them -> keras/<flavour>_<model>.h5, .npy.

The input is not stored: sin(0.7 (i + 1)) for the i-th element.
usage: python make_golden_keras.py keras|tf_keras
"""

import importlib
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")


def expression(keras):
    L = keras.layers
    model = keras.Sequential([keras.Input((8, 8, 1))])
    for filters in (3, 4):
        model.add(L.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal"))
        for layer in (L.BatchNormalization(), L.Activation("relu"), L.MaxPooling2D(),
                      L.Dropout(0.25)):
            model.add(layer)
    model.add(L.Flatten())
    model.add(L.Dense(5, kernel_regularizer=keras.regularizers.L2(1e-3)))
    model.add(L.BatchNormalization())
    model.add(L.Activation("relu"))
    model.add(L.Dense(7, activation="softmax"))
    return model


def zoo(keras):
    L = keras.layers
    return keras.Sequential([
        keras.Input((9, 8, 2)),
        L.Rescaling(1 / 2, offset=0.1),
        L.ZeroPadding2D(((1, 0), (0, 2))),
        L.Conv2D(4, (3, 2), strides=(2, 2), padding="same", activation="elu", name="stem"),
        L.ReLU(max_value=6.0, negative_slope=0.1),
        L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", use_bias=False),
        L.LayerNormalization(),
        L.LeakyReLU(),
        L.Conv2D(4, 2, dilation_rate=2, kernel_regularizer="l2"),
        L.ELU(0.5),
        L.UpSampling2D(2, interpolation="bilinear"),
        L.AveragePooling2D((2, 3), padding="same"),
        L.BatchNormalization(scale=False, momentum=0.9, trainable=False, name="frozen"),
        keras.Sequential([keras.Input((3, 2, 4)), L.Conv2D(3, 1), L.Softmax()], name="inner"),
        L.Reshape((-1, 3)),
        L.Dense(4, activation="gelu", kernel_initializer=keras.initializers.Orthogonal(0.5)),
        L.Reshape((3, 2, 4)),
        L.GlobalMaxPooling2D(),
        L.Dense(2, activation="sigmoid"),
    ])


def partly_frozen(keras):
    L = keras.layers
    inner = keras.Sequential([keras.Input((3,)), L.Dense(3, trainable=False), L.Dense(3),
                              L.BatchNormalization(trainable=False), L.Dense(3),
                              L.BatchNormalization()])
    return keras.Sequential([keras.Input((3,)), inner, L.Dense(2)])


def unknown(keras):
    L = keras.layers
    return keras.Sequential([keras.Input((3,)), L.Dense(2),
                             L.Reshape((1, 1, 1, 2)), L.MaxPooling3D(1, name="hiss")])


def functional(keras):
    x = keras.Input((3,))
    return keras.Model(x, keras.layers.Dense(2)(x))


def main():
    import numpy as np
    flavour = sys.argv[1]
    keras = importlib.import_module(flavour)
    keras.utils.set_random_seed(7)
    os.makedirs(HERE, exist_ok=True)
    for make in (expression, zoo, partly_frozen, unknown, functional):
        keras.backend.clear_session()
        model = make(keras)
        path = os.path.join(HERE, f"{flavour}_{make.__name__}")
        if make in (expression, zoo, partly_frozen):
            shape = (2, *model.input_shape[1:])
            x = np.sin(0.7 * (np.arange(np.prod(shape)) + 1)).reshape(shape).astype(np.float32)
            # A step of training moves the statistics and fills the optimizer's slots.
            model.compile("adam", "mse")
            model.fit(x, np.zeros((2, *model.output_shape[1:]), np.float32), verbose=0)
            np.save(path + ".npy", np.asarray(model(x), np.float32))
        model.save(path + ".h5")
    if flavour == "tf_keras":
        model = expression(keras)
        model.load_weights(os.path.join(HERE, "tf_keras_expression.h5"))
        model.save_weights(os.path.join(HERE, "tf_keras_weights.h5"))


main()
