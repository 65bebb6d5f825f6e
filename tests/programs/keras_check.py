"""Opens what mien saved in real Keras and compares the predictions (1e-5).

usage: keras_check.py KERAS_FILES_PROGRAM keras|tf_keras
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

# Keras 2 computes it as clip(0.2 x + 0.5, 0, 1), Keras 3 (and mien) as clip(x / 6 + 0.5, 0, 1).
DIFFERENT = {"tf_keras": {"act_hard_sigmoid"}, "keras": set()}


def check_network(name, model, np):
    """What a file says beside the weights."""
    if name == "expression":
        penalty = model.get_layer("dense").kernel_regularizer
        assert abs(float(penalty.l1) - 1e-4) < 1e-9 and abs(float(penalty.l2) - 1e-3) < 1e-9
        x = np.zeros((4, *model.input_shape[1:]), np.float32)
        model.fit(x, np.eye(7, dtype=np.float32)[:4], verbose=0)  # it is compiled
        assert abs(float(np.asarray(model.optimizer.learning_rate)) - 1e-4) < 1e-9
    if name == "frozen":
        assert [layer.trainable for layer in model.layers] == [False, False, True]


def main():
    program, package = sys.argv[1:]
    try:
        import numpy as np
        keras = importlib.import_module(package)
    except ImportError as missing:
        print(f"skipped: {missing}")
        return 4
    # Of keras.applications: the .h5 format has no package's name for them.
    convnext = importlib.import_module(package + ".src.applications.convnext")
    classes = {name: getattr(convnext, name) for name in ("LayerScale", "StochasticDepth")}
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        names = subprocess.run([program, folder], check=True, capture_output=True, text=True).stdout
        for name in names.split():
            try:
                path = os.path.join(folder, name)
                model = keras.models.load_model(path + ".h5", custom_objects=classes)
                wanted = np.fromfile(path + ".f32", np.float32)
                rows = wanted.size // int(np.prod(model.output_shape[1:]))
                shape = [rows, *model.input_shape[1:]]
                count = int(np.prod(shape))
                x = np.sin(0.7 * (np.arange(count) + 1)).reshape(shape).astype(np.float32)
                got = np.asarray(model(x)).ravel()
                error = float(np.abs(got - wanted).max())
                check_network(name, model, np)
            except Exception as problem:  # one line for each file, whatever went wrong
                print(f"{name}: {type(problem).__name__}: {str(problem)[:300]}")
                failures += 1
                continue
            if name in DIFFERENT[package]:
                print(f"{name}: differs as known, by {error:.1e}")
            elif not error < 1e-5:
                print(f"{name}: differs by {error:.1e}")
                failures += 1
    print(f"{package} {keras.__version__}: {len(names.split())} files, {failures} failures")
    return 1 if failures else 0


sys.exit(main())
