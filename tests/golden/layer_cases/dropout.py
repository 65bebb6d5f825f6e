from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "dropout": (L.Dropout(0.5), [ROW]),
    "dropout_rows": (L.Dropout(0.5, noise_shape=(None, 1, 7)), [(2, 4, 7)]),
    "rescaling_channels": (L.Rescaling([1, 2, 0.5, -1], offset=[0, 1, 2, 3]), [IMAGE]),
    "rescaling_scales": (L.Rescaling([1, 2, 0.5, -1], offset=1), [IMAGE]),
    "rescaling": (L.Rescaling(1 / 127.5, offset=-1), [ROW]),
}
