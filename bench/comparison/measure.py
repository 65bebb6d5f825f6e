"""What is measured: for each name on --only a function that gives its figures."""
import json
import math
import os
import tempfile

from .workers import Skipped, contest, run, run_json

# The heavy convolutions of the expression CNN, batch 128: side, channels, filters, size.
CONVS = {"3x3, 1 to 64, 48x48": (48, 1, 64, 3), "5x5, 64 to 128, 24x24": (24, 64, 128, 5),
         "3x3, 128 to 512, 12x12": (12, 128, 512, 3), "3x3, 512 to 512, 6x6": (6, 512, 512, 3)}
PASSES = ("forward", "grad_x", "grad_w")
# Products of the network's convolutions as im2col makes them: m, n, k.
GEMMS = ((9216, 128, 1600), (2304, 512, 1152), (4608, 512, 4608), (128, 256, 4608))


def steps(model, batch, mode, n, layouts=("nchw", "channels_last"), keras=True):
    """Jobs that take a network's step in each library."""
    jobs = {"mien": ("mien", f"step {model} {batch} {mode} auto {{n}}", n)}
    if mode == "train":
        jobs["mien direct"] = ("mien", f"step {model} {batch} train direct {{n}}", n)
    for layout in layouts:
        jobs[f"PyTorch {layout}"] = ("torch", f"step {model} {batch} {mode} {layout} {{n}}", n)
    if keras:
        jobs["Keras"] = ("keras", f"step {model} {batch} {mode} - {{n}}", min(n, 5))
    return jobs


def train(workers, options):
    return contest(workers, steps("canonical", 128, "train", 1), options.rounds)


def small(workers, options):
    return contest(workers, steps("small", 128, "train", 1), options.rounds)


def resnet18(workers, options):
    return contest(workers, steps("resnet18", 64, "train", 1, keras=False),
                   max(3, options.rounds // 2))


def predict128(workers, options):
    layouts = ("nchw", "channels_last", "compile")
    return contest(workers, steps("canonical", 128, "predict", 2, layouts), options.rounds)


def predict1(workers, options):
    layouts = ("nchw", "channels_last", "compile")
    return contest(workers, steps("canonical", 1, "predict", 20, layouts), options.rounds)


def conv(workers, options):
    jobs = {}
    for name, (side, channels, filters, size) in CONVS.items():
        shape = f"conv 128 {side} {channels} {filters} {size}"
        for direction in PASSES:
            if channels == 1 and direction == "grad_x":
                continue  # nobody asks for the gradient of the images
            for kind in ("auto", "direct"):
                jobs[f"{name}|{direction}|mien {kind}"] = (
                    "mien", f"{shape} {direction} {kind} {{n}}", 2)
            for layout in ("nchw", "channels_last"):
                jobs[f"{name}|{direction}|PyTorch {layout}"] = (
                    "torch", f"{shape} {direction} {layout} {{n}}", 2)
    return contest(workers, jobs, max(3, options.rounds // 2))


def gemm(workers, options):
    """GFLOP/s on one core, beside what the core can do, in turn."""
    figures = {"peak": []}
    shapes = {f"{m}x{n}x{k}": (m, n, k) for m, n, k in GEMMS}
    for library in ("mien", "torch"):
        try:
            workers.do(library, "threads 1")
            for name, (m, n, k) in shapes.items():
                workers.do(library, f"gemm {m} {n} {k} 2")  # warms up
                figures[f"{library}|{name}"] = []
        except Skipped as why:
            figures[library] = str(why)
    for _ in range(options.rounds):
        figures["peak"].append(workers.do("mien", "peak")["gflops"])
        for label in [each for each in figures if "|" in each]:
            library, name = label.split("|")
            m, n, k = shapes[name]
            ms = min(workers.do(library, f"gemm {m} {n} {k} 3")["ms"])
            figures[label].append(2e-6 * m * n * k / ms)
    for library in ("mien", "torch"):
        if library not in figures:
            workers.do(library, f"threads {options.threads}")
    workers.forget()
    return figures


def fresh(workers, options):
    """First step and peak memory, each in a process of its own."""
    threads = str(options.threads)
    jobs = {"mien": lambda: run_json([workers.fer_step, "--threads", threads, "--seconds", "2"])}
    for layout in ("nchw", "channels_last"):
        jobs[f"PyTorch {layout}"] = lambda layout=layout: workers.once(
            "torch", f"canonical 128 {layout} 4")
    jobs["Keras"] = lambda: workers.once("keras", "canonical 128 - 4")
    figures = {label: [] for label in jobs}
    for _ in range(2):
        for label, job in jobs.items():
            try:
                if not isinstance(figures[label], str):
                    figures[label].append(job())
            except Skipped as why:
                figures[label] = str(why)
    return figures


def loader(workers, options):
    if not options.images:
        return "no --images"
    folder = os.path.join(options.images, "train")
    if not os.path.isdir(folder):
        return f"there is no {folder}"
    jobs = {"mien": ("mien", f"loader 128 {{n}} {folder}", 100)}
    for pipeline, n in (("generator", 20), ("dataset", 100)):
        jobs[f"Keras {pipeline}"] = ("keras", f"loader {pipeline} 128 {{n}} {folder}", n)
    return contest(workers, jobs, options.rounds)


def epoch(workers, options):
    """fer_train on the whole folders; how many images they hold, to extrapolate the peers."""
    if not options.images:
        return "no --images"
    counts = {part: sum(len(files) for _, _, files in os.walk(os.path.join(options.images, part)))
              for part in ("train", "validation")}
    with tempfile.TemporaryDirectory() as folder:
        command = [workers.fer_train, "--data", options.images, "--epochs", "1", "--out", folder,
                   "--verbose", "0", "--threads", str(options.threads)]
        try:
            run(command)
            with open(os.path.join(folder, "history.json")) as file:
                seconds = json.load(file)["epochs"][0]["seconds"]
        except Skipped as why:
            return str(why)
    return {"seconds": seconds, "images": counts,
            "steps": {part: math.ceil(n / 128) for part, n in counts.items()}}


def scaling(workers, options):
    """The training step by threads, and by batch."""
    figures = {}
    for i in range(max(3, options.rounds // 2)):
        for threads, batch in ((1, 128), (2, 128), (2, 32), (2, 512)):
            workers.do("mien", f"threads {threads}")
            command = f"step canonical {batch} train auto 1"
            if i == 0:
                workers.do("mien", command)
            label = f"{threads} threads, batch {batch}"
            figures.setdefault(label, []).append(workers.do("mien", command)["ms"][0])
    workers.do("mien", f"threads {options.threads}")
    workers.forget()
    return figures


ALL = {f.__name__: f for f in (train, small, resnet18, predict128, predict1, gemm, conv, scaling,
                               fresh, loader, epoch)}
