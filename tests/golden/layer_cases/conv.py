from keras import layers as L

from .shapes import IMAGE

CASES = {
    "conv2d": (L.Conv2D(3, (3, 2), activation="relu"), [IMAGE]),
    "conv2d_same": (L.Conv2D(3, (3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "conv2d_dilated": (L.Conv2D(3, (2, 3), dilation_rate=(2, 1), padding="same"), [IMAGE]),
    "conv2d_groups": (L.Conv2D(6, (3, 3), groups=2, use_bias=False), [IMAGE]),
    "depthwise": (L.DepthwiseConv2D((3, 3), depth_multiplier=2, activation="sigmoid"), [IMAGE]),
    "depthwise_same": (L.DepthwiseConv2D((3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "depthwise_dilated": (L.DepthwiseConv2D((3, 2), depth_multiplier=3, dilation_rate=(2, 2),
                                            padding="same", activation="swish", use_bias=False),
                          [IMAGE]),
    "depthwise_strided": (L.DepthwiseConv2D((2, 3), strides=(2, 2), padding="same"),
                          [(2, 6, 7, 3)]),
    "separable": (L.SeparableConv2D(3, (3, 2), activation="relu"), [IMAGE]),
    "separable_same": (L.SeparableConv2D(5, (3, 3), strides=(2, 2), padding="same",
                                         depth_multiplier=2, use_bias=False), [IMAGE]),
    "separable_dilated": (L.SeparableConv2D(2, (2, 3), dilation_rate=(2, 2), padding="same"),
                          [IMAGE]),
}
