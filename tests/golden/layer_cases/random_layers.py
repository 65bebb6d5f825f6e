from keras import layers as L

from .shapes import IMAGE

CASES = {
    "random_flip": (L.RandomFlip("horizontal"), [IMAGE]),
    "random_flip_both": (L.RandomFlip(), [IMAGE]),
    "random_contrast": (L.RandomContrast((0.3, 0.6), value_range=(-1, 1)), [IMAGE]),
    # What Keras 2 does in inference; Keras 3.15 leaves the images as they are.
    "random_crop": (L.Resizing(3, 4, crop_to_aspect_ratio=True), [IMAGE]),
    "random_crop_larger": (L.Resizing(7, 4, crop_to_aspect_ratio=True), [IMAGE]),
    "random_rotation_training": (L.RandomRotation((0.1, 0.1)), [IMAGE]),
    "random_rotation_wrap_training": (L.RandomRotation((-0.3, -0.3), fill_mode="wrap"), [IMAGE]),
    "random_translation_training": (L.RandomTranslation((0.25, 0.25), (-0.7, -0.7)), [IMAGE]),
    "random_translation_constant_training": (
        L.RandomTranslation((-0.25, -0.25), (0.3, 0.3), fill_mode="constant", fill_value=0.7),
        [IMAGE]),
    "random_translation_wrap_training": (
        L.RandomTranslation((0.9, 0.9), (-0.35, -0.35), fill_mode="wrap", interpolation="nearest"),
        [IMAGE]),
    "random_zoom_training": (L.RandomZoom((0.4, 0.4), fill_mode="nearest"), [IMAGE]),
    "random_zoom_in_training": (L.RandomZoom((-0.4, -0.4), (0.7, 0.7)), [IMAGE]),
    "random_brightness_training": (L.RandomBrightness((0.1, 0.1), value_range=(-1, 1)), [IMAGE]),
}
