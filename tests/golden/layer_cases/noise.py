from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "gaussian_noise": (L.GaussianNoise(0.3), [ROW]),
    "gaussian_dropout": (L.GaussianDropout(0.4), [ROW]),
    "alpha_dropout": (L.AlphaDropout(0.3), [ROW]),
    "spatial_dropout1d": (L.SpatialDropout1D(0.5), [(2, 5, 3)]),
    "spatial_dropout2d": (L.SpatialDropout2D(0.5), [IMAGE]),
    "activity_regularization": (L.ActivityRegularization(), [ROW]),
}
