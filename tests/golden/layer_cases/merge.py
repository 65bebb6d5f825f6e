from keras import layers as L

from .shapes import IMAGE, ROW

CASES = {
    "add": (L.Add(), [IMAGE, IMAGE, (2, 1, 1, 4)]),
    "add_ranks": (L.Add(), [IMAGE, (2, 4)]),
    "add_one": (L.Add(), [IMAGE]),
    "subtract": (L.Subtract(), [IMAGE, (2, 6, 4)]),
    "multiply": (L.Multiply(), [IMAGE, (2, 1, 1, 4), (2, 5, 6, 1)]),
    "average": (L.Average(), [IMAGE, IMAGE, (2, 5, 1, 1)]),
    "maximum": (L.Maximum(), [IMAGE, IMAGE, (2, 4)]),
    "minimum": (L.Minimum(), [IMAGE, (2, 1, 6, 1)]),
    "dot_vectors": (L.Dot(1), [ROW, ROW]),
    "dot_cosine": (L.Dot(-1, normalize=True), [ROW, (3, 2, 7)]),
    "dot_axes": (L.Dot((1, 2)), [(2, 3, 5), (2, 4, 3)]),
    "dot_images": (L.Dot((2, 3), normalize=True), [IMAGE, (2, 2, 3, 6)]),
    "concatenate": (L.Concatenate(), [IMAGE, (2, 5, 6, 1)]),
    "concatenate_rows": (L.Concatenate(axis=1), [IMAGE, (2, 2, 6, 4)]),
}
