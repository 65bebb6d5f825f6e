from keras import layers as L

STEPS = (2, 9, 4)
CASES = {
    "conv1d": (L.Conv1D(3, 3, activation="relu"), [STEPS]),
    "conv1d_same": (L.Conv1D(3, 4, strides=2, padding="same"), [STEPS]),
    "conv1d_causal": (L.Conv1D(3, 3, padding="causal", dilation_rate=2), [STEPS]),
    "conv1d_causal_strided": (L.Conv1D(2, 2, padding="causal", strides=3), [STEPS]),
    "conv1d_groups": (L.Conv1D(6, 3, groups=2, use_bias=False), [STEPS]),
    "depthwise1d": (L.DepthwiseConv1D(3, depth_multiplier=2, activation="tanh"), [STEPS]),
    "depthwise1d_same": (L.DepthwiseConv1D(4, strides=2, padding="same", use_bias=False), [STEPS]),
    "depthwise1d_dilated": (L.DepthwiseConv1D(2, padding="same", dilation_rate=3), [STEPS]),
    "separable1d": (L.SeparableConv1D(3, 3, activation="sigmoid"), [STEPS]),
    "separable1d_same": (L.SeparableConv1D(5, 2, strides=2, padding="same", depth_multiplier=2,
                                           use_bias=False), [STEPS]),
    "separable1d_dilated": (L.SeparableConv1D(2, 3, dilation_rate=2), [STEPS]),
}
