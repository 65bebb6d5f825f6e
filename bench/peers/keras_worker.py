#!/usr/bin/env python3
"""The benchmarks' work in Keras on TensorFlow, for bench/compare.py.

  keras_worker.py THREADS           serves commands:
      step canonical|small BATCH train|predict - N
      loader generator|dataset BATCH N FOLDER     N batches with augmentation: one figure, ms each
      forget
      versions
  keras_worker.py THREADS once MODEL BATCH - N    N training steps in this fresh process
"""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import worker

kept = {}  # what the jobs of one comparison use again


def keep(key, make):
    if key not in kept:
        kept[key] = make()
    return kept[key]


def canonical():
    net = keras.Sequential([keras.Input((48, 48, 1))])
    for filters, size in ((64, 3), (128, 5), (512, 3), (512, 3)):
        for layer in (layers.Conv2D(filters, size, padding="same"), layers.BatchNormalization(),
                      layers.Activation("relu"), layers.MaxPooling2D(), layers.Dropout(0.25)):
            net.add(layer)
    net.add(layers.Flatten())
    for units in (256, 512):
        for layer in (layers.Dense(units), layers.BatchNormalization(), layers.Activation("relu"),
                      layers.Dropout(0.25)):
            net.add(layer)
    net.add(layers.Dense(7, activation="softmax"))
    return net


def small():
    net = keras.Sequential([keras.Input((48, 48, 1))])
    for filters in (32, 64, 128, 256):
        for _ in range(2):
            net.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
            net.add(layers.BatchNormalization())
            net.add(layers.Activation("relu"))
        if filters < 256:
            net.add(layers.MaxPooling2D())
            net.add(layers.Dropout(0.25))
    net.add(layers.GlobalAveragePooling2D())
    net.add(layers.Dropout(0.25))
    net.add(layers.Dense(7, activation="softmax"))
    return net


class StepTimes(keras.callbacks.Callback):
    """Milliseconds of each of fit()'s steps, and when the first one of all was done."""

    def __init__(self):
        super().__init__()
        self.ms, self.first_step_s = [], None

    def on_train_batch_begin(self, batch, logs=None):
        self.begin = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.ms.append(1e3 * (time.perf_counter() - self.begin))
        if self.first_step_s is None:
            self.first_step_s = worker.seconds_since_start()


class Step:
    def __init__(self, model, batch):
        keras.utils.set_random_seed(0)
        self.net = {"canonical": canonical, "small": small}[model]()
        self.net.compile(keras.optimizers.Adam(1e-4), "categorical_crossentropy")
        self.batch = batch
        self.x = np.random.rand(batch, 48, 48, 1).astype("float32")
        targets = np.eye(7, dtype="float32")[np.arange(batch) * 5 % 7]
        self.data = tf.data.Dataset.from_tensors(
            (tf.constant(self.x), tf.constant(targets))).repeat()
        self.times = StepTimes()

    def fit(self, steps):
        self.times.ms = []
        self.net.fit(self.data, steps_per_epoch=steps, epochs=1, verbose=0, callbacks=[self.times])
        return self.times.ms

    def predict(self):
        return self.net.predict(self.x, batch_size=self.batch, verbose=0)


def step(model, batch, mode, _, n):
    key = (model, batch, mode)
    made = key in kept
    work = keep(key, lambda: Step(model, int(batch)))
    if mode == "train":
        if not made:
            work.fit(2)
        return {"ms": work.fit(int(n))}
    if not made:
        work.predict()
    return {"ms": worker.milliseconds(work.predict, int(n))}


def generator(folder, batch):
    """The pipeline of the usual Kaggle scripts; endless."""
    images = tf.keras.preprocessing.image.ImageDataGenerator(
        rescale=1 / 255, horizontal_flip=True, rotation_range=10, width_shift_range=0.1,
        height_shift_range=0.1, zoom_range=0.1)
    return images.flow_from_directory(folder, target_size=(48, 48), color_mode="grayscale",
                                      batch_size=batch, class_mode="categorical", shuffle=True)


def dataset(folder, batch):
    """Decoded once and kept in memory, augmented by layers, on all cores; endless."""
    images = keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", color_mode="grayscale", image_size=(48, 48),
        batch_size=None, shuffle=False)
    augment = keras.Sequential([
        layers.RandomFlip("horizontal"), layers.RandomRotation(10 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
        layers.RandomZoom(0.1, fill_mode="nearest")])
    images = images.map(lambda x, y: (x / 255.0, y), num_parallel_calls=tf.data.AUTOTUNE).cache()
    for _ in images:  # fills the cache
        pass
    images = images.shuffle(30000).repeat().batch(batch)
    images = images.map(lambda x, y: (augment(x, training=True), y),
                        num_parallel_calls=tf.data.AUTOTUNE)
    return iter(images.prefetch(tf.data.AUTOTUNE))


def loader(pipeline, batch, n, *folder):
    folder, batch, n = " ".join(folder), int(batch), int(n)
    make = {"generator": generator, "dataset": dataset}[pipeline]
    batches = keep(("loader", pipeline, batch), lambda: make(folder, batch))
    next(batches)
    images, begin = 0, time.perf_counter()
    for _ in range(n):
        images += len(next(batches)[0])
    seconds = time.perf_counter() - begin
    return {"ms": [1e3 * seconds * batch / images]}  # the last batch of an epoch is not full


def forget():
    kept.clear()
    keras.utils.clear_session()
    return {}


def versions():
    return {"versions": f"Keras {keras.__version__} on TensorFlow {tf.__version__}"}


def once(model, batch, _, n):
    work = Step(model, int(batch))
    work.fit(int(n))
    return {"first_step_s": work.times.first_step_s, "peak_rss_mib": worker.peak_rss_mib()}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[1]))
    tf.config.threading.set_inter_op_parallelism_threads(1)
    answers = worker.only_answers()
    if sys.argv[2:3] == ["once"]:
        print(json.dumps(once(*sys.argv[3:])), file=answers, flush=True)
        return
    worker.serve({"step": step, "loader": loader, "forget": forget, "versions": versions}, answers)


if __name__ == "__main__":
    main()
