from keras import layers as L

IMAGE, STEPS = (2, 3, 4, 3), (2, 5, 3)
CASES = {
    "conv2d_transpose": (L.Conv2DTranspose(2, (3, 2), activation="relu"), [IMAGE]),
    "conv2d_transpose_strided": (L.Conv2DTranspose(2, (3, 2), strides=(2, 3)), [IMAGE]),
    "conv2d_transpose_short": (L.Conv2DTranspose(2, (1, 2), strides=3, use_bias=False), [IMAGE]),
    "conv2d_transpose_same": (L.Conv2DTranspose(4, 3, strides=2, padding="same",
                                                activation="tanh"), [IMAGE]),
    "conv2d_transpose_even": (L.Conv2DTranspose(2, (4, 2), strides=(2, 3), padding="same"),
                              [IMAGE]),
    "conv2d_transpose_padded": (L.Conv2DTranspose(2, (3, 2), strides=2, padding="same",
                                                  output_padding=(0, 1)), [IMAGE]),
    "conv2d_transpose_valid_padded": (L.Conv2DTranspose(2, (3, 4), strides=(3, 2),
                                                        output_padding=(2, 1)), [IMAGE]),
    "conv2d_transpose_dilated": (L.Conv2DTranspose(2, (2, 3), dilation_rate=2), [IMAGE]),
    "conv1d_transpose": (L.Conv1DTranspose(2, 3, activation="sigmoid"), [STEPS]),
    "conv1d_transpose_same": (L.Conv1DTranspose(4, 4, strides=3, padding="same", use_bias=False),
                              [STEPS]),
    "conv1d_transpose_padded": (L.Conv1DTranspose(2, 3, strides=2, padding="same",
                                                  output_padding=1), [STEPS]),
    "conv1d_transpose_valid": (L.Conv1DTranspose(2, 2, strides=3, output_padding=2), [STEPS]),
}
