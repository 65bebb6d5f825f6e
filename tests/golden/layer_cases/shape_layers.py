from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "flatten": (L.Flatten(), [IMAGE]),
    "reshape": (L.Reshape((4, -1, 3)), [IMAGE]),
    "flatten_row": (L.Flatten(), [ROW]),
    "flatten_numbers": (L.Flatten(), [(3,)]),
    "permute": (L.Permute((3, 1, 2)), [IMAGE]),
    "repeat_vector": (L.RepeatVector(3), [ROW]),
    "zero_padding": (L.ZeroPadding2D(((1, 0), (2, 1))), [IMAGE]),
    "cropping": (L.Cropping2D(((1, 0), (2, 1))), [IMAGE]),
    "cropping_none": (L.Cropping2D(), [IMAGE]),
    "up_sampling": (L.UpSampling2D((2, 3)), [IMAGE]),
    "up_sampling_bilinear": (L.UpSampling2D(interpolation="bilinear"), [IMAGE]),
}
