from keras import layers as L

from .shapes import IMAGE

CASES = {
    "max_pooling": (L.MaxPooling2D(), [IMAGE]),
    "max_pooling_same": (L.MaxPooling2D((3, 2), strides=(2, 1), padding="same"), [IMAGE]),
    "average_pooling": (L.AveragePooling2D((2, 3)), [IMAGE]),
    "average_pooling_same": (L.AveragePooling2D((3, 3), strides=(2, 2), padding="same"), [IMAGE]),
    "global_average": (L.GlobalAveragePooling2D(), [IMAGE]),
    "global_max": (L.GlobalMaxPooling2D(keepdims=True), [IMAGE]),
}
