from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "normalization": (L.Normalization(), [IMAGE]),
    "normalization_axes": (L.Normalization(axis=(-1, 1)), [IMAGE]),
    "normalization_whole": (L.Normalization(axis=None), [IMAGE]),
    "normalization_given": (L.Normalization(mean=[1, 2, 3, 4], variance=[4, 1, 0.25, 9]), [IMAGE]),
    "normalization_inverted": (L.Normalization(mean=0.5, variance=0.25, invert=True), [ROW]),
    "resizing": (L.Resizing(8, 9), [IMAGE]),
    "resizing_smaller": (L.Resizing(3, 4), [IMAGE]),
    "resizing_mixed": (L.Resizing(2, 11), [IMAGE]),
    "resizing_nearest": (L.Resizing(7, 4, interpolation="nearest"), [IMAGE]),
    "resizing_cropped": (L.Resizing(4, 2, crop_to_aspect_ratio=True), [IMAGE]),
    "resizing_cropped_wide": (L.Resizing(4, 9, "nearest", crop_to_aspect_ratio=True), [IMAGE]),
    "resizing_padded": (L.Resizing(6, 3, pad_to_aspect_ratio=True, fill_value=0.5), [IMAGE]),
    "resizing_padded_wide": (L.Resizing(3, 9, pad_to_aspect_ratio=True), [IMAGE]),
    "center_crop": (L.CenterCrop(2, 3), [IMAGE]),
    "center_crop_larger": (L.CenterCrop(7, 4), [IMAGE]),
}
