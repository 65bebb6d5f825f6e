from keras import layers as L

CASES = {
    "embedding": (L.Embedding(6, 3), [(3, 5)]),
    "embedding_images": (L.Embedding(4, 2), [(2, 3, 4)]),
}
