from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from .shapes import IMAGE

CASES = {
    "layer_scale": (LayerScale(0.5, 4), [IMAGE]),
    "stochastic_depth": (StochasticDepth(0.25), [IMAGE]),
    "custom_scale_layer": (CustomScaleLayer(0.17), [IMAGE, IMAGE]),
}
