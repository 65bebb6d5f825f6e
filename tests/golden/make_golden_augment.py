#!/usr/bin/env python3
"""Writes augment_{image,params,keras,exact}.npy: what Keras and scipy make of random augmentations.

Needs keras, scipy, Pillow. Run in this folder. Rows of params: theta, tx, ty, shear, zx, zy,
flip_horizontal, flip_vertical, channel_shift, brightness (0: none), fill mode (0 nearest,
1 constant, 2 reflect, 3 wrap), cval.
"""
import math

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from scipy import ndimage

MODES = ["nearest", "constant", "reflect", "grid-wrap"]
PLANS = 24


def draw(rng, i):
    """Some plans with one effect alone, then all of them together."""
    params = np.array([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, i % 4, 77.0])
    if i in (0, 6) or i > 9:
        params[0] = rng.uniform(-40, 40)
    if i in (1, 7) or i > 9:
        params[1:3] = rng.uniform(-4, 4, 2)
    if i in (2, 8) or i > 9:
        params[3] = rng.uniform(-20, 20)
    if i in (3, 9) or i > 9:
        params[4:6] = rng.uniform(0.7, 1.3, 2)
    if i == 4 or i > 9:
        params[6:8] = rng.integers(0, 2, 2)
    if i == 5 or i > 15:
        params[8] = rng.uniform(-60, 60)
    if i in (5, 6) or i > 18:
        params[9] = rng.uniform(0.5, 1.5)
    return params


def by_keras(image, p):
    generator = ImageDataGenerator(fill_mode=MODES[int(p[10])], cval=p[11])
    return generator.apply_transform(image.copy(), {
        "theta": p[0], "tx": p[1], "ty": p[2], "shear": p[3], "zx": p[4], "zy": p[5],
        "flip_horizontal": p[6], "flip_vertical": p[7],
        "channel_shift_intensity": p[8] if p[8] else None, "brightness": p[9] if p[9] else None})


def by_scipy(image, p):
    """The geometric part alone, about the true centre of an image that is not square."""
    h, w, _ = image.shape
    a, s = math.radians(p[0]), math.radians(p[3])
    rotation = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    shear = np.array([[1, -math.sin(s)], [0, math.cos(s)]])
    matrix = rotation @ shear @ np.diag(p[4:6])  # of (x, y)
    centre = np.array([(w - 1) / 2, (h - 1) / 2])
    offset = centre - matrix @ centre + rotation @ p[1:3]
    planes = [ndimage.affine_transform(plane, matrix[::-1, ::-1], offset[::-1], order=1,
                                       mode=MODES[int(p[10])], cval=p[11], prefilter=False)
              for plane in np.moveaxis(image, 2, 0)]
    return np.stack(planes, axis=2)


def main():
    rng = np.random.default_rng(20)
    image = rng.integers(0, 256, (12, 9, 3)).astype(np.float32)
    params = np.stack([draw(rng, i) for i in range(PLANS)])
    np.save("augment_image.npy", image)
    np.save("augment_params.npy", params)
    np.save("augment_keras.npy", np.stack([by_keras(image, p) for p in params]).astype(np.float32))
    np.save("augment_exact.npy", np.stack([by_scipy(image, p) for p in params]).astype(np.float32))


if __name__ == "__main__":
    main()
