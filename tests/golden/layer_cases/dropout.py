from keras import layers as L

from .shapes import ROW

CASES = {
    "dropout": (L.Dropout(0.5), [ROW]),
    "rescaling": (L.Rescaling(1 / 127.5, offset=-1), [ROW]),
}
