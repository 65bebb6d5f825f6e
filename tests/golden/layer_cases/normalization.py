from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "batch_normalization": (L.BatchNormalization(), [IMAGE]),
    "batch_normalization_plain": (L.BatchNormalization(center=False, scale=False), [ROW]),
    "layer_normalization": (L.LayerNormalization(), [IMAGE]),
}
