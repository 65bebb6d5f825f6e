from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "batch_normalization": (L.BatchNormalization(), [IMAGE]),
    "batch_normalization_plain": (L.BatchNormalization(center=False, scale=False), [ROW]),
    "batch_normalization_axis": (L.BatchNormalization(axis=1), [IMAGE]),
    "layer_normalization": (L.LayerNormalization(), [IMAGE]),
    "layer_normalization_axes": (L.LayerNormalization(axis=[-1, 2]), [IMAGE]),
    "layer_normalization_first_axes": (L.LayerNormalization(axis=[1, 2], epsilon=0.01), [IMAGE]),
    "layer_normalization_middle": (L.LayerNormalization(axis=2, scale=False), [IMAGE]),
    "layer_normalization_rms": (L.LayerNormalization(rms_scaling=True), [IMAGE]),
    "rms_normalization": (L.RMSNormalization(), [IMAGE]),
    "rms_normalization_axes": (L.RMSNormalization(axis=[2, 3], epsilon=0.01), [IMAGE]),
    "group_normalization": (L.GroupNormalization(2), [IMAGE]),
    "group_normalization_each": (L.GroupNormalization(-1, epsilon=0.01, center=False), [IMAGE]),
    "group_normalization_axis": (L.GroupNormalization(3, axis=2, scale=False), [IMAGE]),
    "group_normalization_row": (L.GroupNormalization(1), [ROW]),
    "unit_normalization": (L.UnitNormalization(), [IMAGE]),
    "unit_normalization_axes": (L.UnitNormalization(axis=[1, 2]), [IMAGE]),
}
