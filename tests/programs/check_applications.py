"""The networks of keras.applications through mien: what Keras predicts, what mien predicts from its
file, and what Keras predicts from mien's copy of it, as a table of largest relative differences.

usage: check_applications.py MODEL_PREDICT_PROGRAM [--networks NAME,..] [--formats keras3.h5,..] [--folder DIR]
Weights and statistics are random. One network at a time, each in a process of its own.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time

# The smallest input that each takes.
NETWORKS = {
    "VGG16": 32, "VGG19": 32,
    "ResNet50": 32, "ResNet101": 32, "ResNet152": 32,
    "ResNet50V2": 32, "ResNet101V2": 32, "ResNet152V2": 32,
    "InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71,
    "DenseNet121": 32, "DenseNet169": 32, "DenseNet201": 32,
    "MobileNet": 32, "MobileNetV2": 32, "MobileNetV3Small": 32, "MobileNetV3Large": 32,
    "EfficientNetB0": 32, "EfficientNetB1": 32, "EfficientNetB2": 32, "EfficientNetB3": 32,
    "EfficientNetB4": 32, "EfficientNetB5": 32, "EfficientNetB6": 32, "EfficientNetB7": 32,
    "EfficientNetV2B0": 32, "EfficientNetV2B1": 32, "EfficientNetV2B2": 32,
    "EfficientNetV2B3": 32, "EfficientNetV2S": 32, "EfficientNetV2M": 32, "EfficientNetV2L": 32,
    "NASNetMobile": 32, "NASNetLarge": 32,
    "ConvNeXtTiny": 32, "ConvNeXtSmall": 32, "ConvNeXtBase": 32, "ConvNeXtLarge": 32,
    "ConvNeXtXLarge": 32,
}
FORMATS = {"keras3.h5": "keras", "keras3.keras": "keras", "tf_keras.h5": "tf_keras"}


def one(program, network, form, folder):
    """Prints: difference of mien from Keras | of Keras from mien's copy, or why there is none."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import numpy as np
    keras = importlib.import_module(FORMATS[form])
    size = NETWORKS[network]
    model = getattr(keras.applications, network)(weights=None, input_shape=(size, size, 3))
    random = np.random.default_rng(7)
    for layer in model.submodules if hasattr(model, "submodules") else model._flatten_layers():
        if type(layer).__name__ == "BatchNormalization":
            values = layer.get_weights()
            # gamma near 1, variance positive: values neither vanish nor grow
            values[-2] = random.normal(0, 0.1, values[-2].shape)
            values[-1] = random.uniform(0.5, 1.5, values[-1].shape)
            for each in values[:-2]:
                each += random.normal(0, 0.1, each.shape)
            layer.set_weights(values)
    shape = (2, size, size, 3)
    x = np.sin(0.7 * (np.arange(np.prod(shape)) + 1)).reshape(shape).astype(np.float32)

    def predict(m):
        return np.asarray(m(x, training=False), np.float32)

    def difference(a, b):
        return float(np.abs(a - b).max() / np.abs(b).max())

    wanted = predict(model)
    path, copy = os.path.join(folder, "of_" + form), os.path.join(folder, "copy_of_" + form)
    model.save(path)
    got = subprocess.run([program, path, os.path.join(folder, "out"), f"{size},{size},3",
                          "--", copy], capture_output=True, text=True)
    if got.returncode != 0:
        print(got.stderr.strip() + " | -")
        return
    y = np.fromfile(os.path.join(folder, "out"), np.float32).reshape(wanted.shape)
    result = f"{difference(y, wanted):.1e}"
    del model
    classes = {}
    if form == "keras3.keras":
        loaded = keras.models.load_model(copy, compile=False)
    else:
        for module in ("convnext", "inception_resnet_v2"):
            inner = importlib.import_module(f"{FORMATS[form]}.src.applications.{module}")
            for name in ("LayerScale", "StochasticDepth", "CustomScaleLayer"):
                if hasattr(inner, name):
                    classes[name] = getattr(inner, name)
        loaded = keras.models.load_model(copy, compile=False, custom_objects=classes)
    print(f"{result} | {difference(predict(loaded), wanted):.1e}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--folder")
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.program, arguments.networks, arguments.formats, arguments.folder)
        return
    print("| network | format | mien from Keras | Keras from mien | seconds |\n"
          "| --- | --- | --- | --- | --- |", flush=True)
    for network in arguments.networks.split(","):
        for form in arguments.formats.split(","):
            with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
                begin = time.time()
                run = subprocess.run(
                    [sys.executable, __file__, arguments.program, "--one", "--networks", network,
                     "--formats", form, "--folder", folder], capture_output=True, text=True)
                lines = run.stdout.strip().splitlines() or ["-"]
                text = lines[-1] if run.returncode == 0 else \
                    "- | " + run.stderr.strip().splitlines()[-1][:200]
                print(f"| {network} | {form} | {text} | {time.time() - begin:.0f} |", flush=True)


main()
