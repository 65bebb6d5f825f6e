"""A training that Keras begins, mien goes on with and Keras ends, against one of Keras's alone: the
losses are those of a training without interruption (1e-4), the optimizer's state included.

usage: check_training.py MODEL_TRAIN_PROGRAM keras|tf_keras
Ends with 4 (skipped) where that package is not installed: pip install keras tensorflow tf_keras.
"""

import importlib
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
STEPS = 4


def main():
    program, package = sys.argv[1:]
    try:
        import numpy as np
        keras = importlib.import_module(package)
    except ImportError as missing:
        print(f"skipped: {missing}")
        sys.exit(4)
    O = keras.optimizers
    optimizers = {
        "Adam": lambda: O.Adam(0.01), "AdamW": lambda: O.AdamW(0.01, weight_decay=0.004),
        "SGD": lambda: O.SGD(0.05, momentum=0.9, nesterov=True), "plain": lambda: O.SGD(0.1),
        "RMSprop": lambda: O.RMSprop(0.005, momentum=0.5, centered=True)}
    extension = ".keras" if package == "keras" else ".h5"
    L = keras.layers

    def network():
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        x = keras.Input((6, 6, 2))
        y = L.Conv2D(3, 3, padding="same", activation="tanh")(x)
        frozen = L.Conv2D(3, 3, padding="same", trainable=False)(y)
        y = L.Add()([y, frozen])
        y = L.LayerNormalization()(y)
        return keras.Model(x, L.Dense(2)(L.Flatten()(y)))

    def array(shape, function, step):
        return function(step * (np.arange(np.prod(shape)) + 1)).reshape(shape).astype(np.float32)

    x, t = array((4, 6, 6, 2), np.sin, 0.7), array((4, 2), np.cos, 0.3)

    def train(model, steps):
        return [float(model.train_on_batch(x, t, return_dict=True)["loss"]) for _ in range(steps)] \
            if package == "tf_keras" else \
            [model.fit(x, t, batch_size=4, verbose=0).history["loss"][0] for _ in range(steps)]

    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        first, second = (os.path.join(folder, package + n + extension) for n in ("1", "2"))
        for kind, make in optimizers.items():
            model = network()
            model.compile(make(), "mse")
            wanted = train(model, 3 * STEPS)
            model = network()
            model.compile(make(), "mse")
            losses = train(model, STEPS)
            model.save(first)
            run = subprocess.run([program, first, second, str(STEPS), kind], capture_output=True,
                                 text=True)
            if run.returncode != 0:
                print(f"{kind}: {run.stderr.strip()}")
                failures += 1
                continue
            losses += [float(line) for line in run.stdout.split()]
            model = keras.models.load_model(second)
            losses += train(model, STEPS)
            worst = max(abs(a - b) / abs(b) for a, b in zip(losses, wanted))
            if not (worst < 1e-4 and len(losses) == len(wanted)):
                print(f"{kind}: differs by {worst:.1e}\n{wanted}\n{losses}")
                failures += 1
            else:
                print(f"{kind}: {worst:.1e}")
    print(f"{package} {keras.__version__}: {len(optimizers)} optimizers, {failures} failures")
    sys.exit(1 if failures else 0)


main()
