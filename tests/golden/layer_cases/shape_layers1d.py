from keras import layers as L

STEPS = (2, 5, 3)
CASES = {
    "zero_padding1d": (L.ZeroPadding1D((2, 1)), [STEPS]),
    "cropping1d": (L.Cropping1D((1, 2)), [STEPS]),
    "cropping1d_end": (L.Cropping1D((0, 1)), [STEPS]),
    "up_sampling1d": (L.UpSampling1D(3), [STEPS]),
}
