from keras import layers as L

from .shapes import IMAGE

CASES = {
    "flatten": (L.Flatten(), [IMAGE]),
    "reshape": (L.Reshape((4, -1, 3)), [IMAGE]),
    "zero_padding": (L.ZeroPadding2D(((1, 0), (2, 1))), [IMAGE]),
    "cropping": (L.Cropping2D(((1, 0), (2, 1))), [IMAGE]),
    "cropping_none": (L.Cropping2D(), [IMAGE]),
    "up_sampling": (L.UpSampling2D((2, 3)), [IMAGE]),
    "up_sampling_bilinear": (L.UpSampling2D(interpolation="bilinear"), [IMAGE]),
}
