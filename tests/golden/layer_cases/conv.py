from keras import layers as L

from .shapes import IMAGE

CASES = {
    "conv2d": (L.Conv2D(3, (3, 2), activation="relu"), [IMAGE]),
    "conv2d_same": (L.Conv2D(3, (3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "conv2d_dilated": (L.Conv2D(3, (2, 3), dilation_rate=(2, 1), padding="same"), [IMAGE]),
    "conv2d_groups": (L.Conv2D(6, (3, 3), groups=2, use_bias=False), [IMAGE]),
    "depthwise": (L.DepthwiseConv2D((3, 3), depth_multiplier=2, activation="sigmoid"), [IMAGE]),
    "depthwise_same": (L.DepthwiseConv2D((3, 3), strides=(2, 2), padding="same"), [IMAGE]),
}
