"""Opens in real Keras what mien made of the models of make_golden_models.py, and compares the
predictions (1e-5): read from each flavour and format, written for this package.

usage: check_functional.py MODEL_PREDICT_PROGRAM FOLDER_OF_MODELS keras|tf_keras
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

SHAPES = {"residual": ["8,8,3"], "shared": ["4,4,2"] * 2, "transfer": ["6,6,3"],
          "in_sequential": ["5,5,2"], "functions": ["4,6,3"], "open_sizes": ["9,9,3"]}


def main():
    program, models, package = sys.argv[1:]
    try:
        import numpy as np
        keras = importlib.import_module(package)
    except ImportError as missing:
        print(f"skipped: {missing}")
        sys.exit(4)
    failures = files = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, shapes in SHAPES.items():
            xs = []
            for k, shape in enumerate(shapes):
                size = [2] + [int(each) for each in shape.split(",")]
                xs.append(np.sin(0.7 * (np.arange(np.prod(size)) + 1) + k).reshape(size)
                          .astype(np.float32))
            for source in ("keras", "tf_keras"):
                wanted = np.load(os.path.join(models, f"{source}_f_{name}.npy")).ravel()
                for extension in (".h5", ".keras"):
                    copies = [os.path.join(folder, package + ".h5")]
                    if package == "keras":
                        copies.append(os.path.join(folder, package + ".keras"))
                    path = os.path.join(models, f"{source}_f_{name}{extension}")
                    subprocess.run([program, path, os.path.join(folder, "out"), *shapes, "--",
                                    *copies], check=True)
                    for copy in copies:
                        files += 1
                        what = f"{source} {name}{extension} as {os.path.basename(copy)}"
                        try:
                            model = keras.models.load_model(copy, compile=False)
                            ys = model(xs if len(xs) > 1 else xs[0], training=False)
                        except Exception as error:  # whatever it does not take
                            failures += 1
                            print(f"{what}: {str(error).strip()[:400]}")
                            continue
                        ys = ys if isinstance(ys, (list, tuple)) else [ys]
                        got = np.concatenate([np.asarray(y, np.float32).ravel() for y in ys])
                        worst = np.abs(got - wanted).max() / np.abs(wanted).max()
                        if not worst < 1e-5:
                            failures += 1
                            print(f"{what}: differs by {worst:.1e}")
    print(f"{package} {keras.__version__}: {files} files, {failures} failures")
    sys.exit(1 if failures else 0)


main()
