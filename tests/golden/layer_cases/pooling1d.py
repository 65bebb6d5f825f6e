from keras import layers as L

STEPS = (2, 9, 4)
CASES = {
    "max_pooling1d": (L.MaxPooling1D(), [STEPS]),
    "max_pooling1d_same": (L.MaxPooling1D(3, strides=2, padding="same"), [STEPS]),
    "average_pooling1d": (L.AveragePooling1D(3), [STEPS]),
    "average_pooling1d_same": (L.AveragePooling1D(4, strides=3, padding="same"), [STEPS]),
    "global_average1d": (L.GlobalAveragePooling1D(), [STEPS]),
    "global_average1d_kept": (L.GlobalAveragePooling1D(keepdims=True), [STEPS]),
    "global_max1d": (L.GlobalMaxPooling1D(), [STEPS]),
    "global_max1d_kept": (L.GlobalMaxPooling1D(keepdims=True), [STEPS]),
}
