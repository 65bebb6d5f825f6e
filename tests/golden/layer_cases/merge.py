from keras import layers as L

from .shapes import IMAGE

CASES = {
    "add": (L.Add(), [IMAGE, IMAGE, (2, 1, 1, 4)]),
    "concatenate": (L.Concatenate(), [IMAGE, (2, 5, 6, 1)]),
    "concatenate_rows": (L.Concatenate(axis=1), [IMAGE, (2, 2, 6, 4)]),
}
