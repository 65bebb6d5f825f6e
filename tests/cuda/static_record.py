"""The figures that the static gate keeps, static.json, and their table in docs/performance.md."""
import json
import os
import re

from static_code import count, ratio
from static_compile import ROOT
from static_rules import KEYS, MACHINES, RATIOS, blocks_of, is_hot

RECORD = os.path.join(ROOT, "tests", "cuda", "static.json")
PAGE = os.path.join(ROOT, "docs", "performance.md")
BEGIN, END = "<!-- static.py: begin -->\n", "<!-- static.py: end -->\n"
ARCHITECTURES = list(MACHINES)  # figures of a kernel stand in this order

# The table's rows: what, and the names of its kernels.
ROWS = [
    (f"{kind} {name}", rf"\b{kind.capitalize()}Tile<{sizes}") for kind in ("tf32", "bf16")
    for name, sizes in (("144x128", "144, 128"), ("128x128", r"128, 128, 64, 64, 4"),
                        ("128x64", "128, 64"), ("64x64", "64, 64"),
                        ("128x128, 2 stages", "128, 128, 64, 64, 2"))
] + [
    (f"f32 {m}x{n}", rf"\bFfmaTile<{m}, {n}.*, 4>$")
    for m, n in ((144, 128), (128, 128), (64, 64), (32, 32))
] + [
    ("f32 16x16, by teams", r"\bFfmaTeams<.*, 4>$"),
    ("few channels, forward", r"\bfew_channels_kernel<4, .*\bfloat"),
    ("few channels, gradient of weights", r"\bfew_channels_weights_kernel<4, float"),
    ("moments", r"\bmoments_kernel<4, float"),
    ("normalization and what follows", r"\bbatch_norm_kernel<4, .*\bfloat"),
    ("its gradient: sums", r"\bnorm_sums_kernel<4, .*\bfloat"),
    ("its gradient", r"\bnorm_gradient_kernel<4, .*\bfloat"),
    ("Adam", r"\bmap_kernel<4, Update<Adam>"),
]


def read():
    if not os.path.exists(RECORD):
        return {}
    with open(RECORD, encoding="utf-8") as file:
        return json.load(file)


def figures(found):
    """Of each name what is recorded; found: by (name, architecture), all architectures."""
    recorded = {}
    for name in sorted({name for name, _ in found}):
        kernels = [found[(name, architecture)] for architecture in ARCHITECTURES]
        of_name = {"threads": kernels[0]["threads"], "shared": kernels[0]["shared"],
                   "registers": [kernel["registers"] for kernel in kernels],
                   "blocks": [blocks_of(*each) for each in zip(kernels, ARCHITECTURES)]}
        for key, pattern in KEYS.items() if is_hot(name) else ():
            counts = [count(kernel, pattern) for kernel in kernels]
            if any(counts):
                of_name[key] = counts
        for pattern, products, loads, _ in RATIOS:
            if re.search(pattern, name):
                loop = [ratio(kernel, products, loads) for kernel in kernels]
                of_name["products a load"] = [round(made / loaded, 2) for loaded, made in loop]
        recorded[name] = of_name
    return recorded


def compare(found, recorded):
    """What is worse than recorded: fewer blocks of a multiprocessor, an instruction that is gone."""
    for (name, architecture), kernel in sorted(found.items()):
        if name not in recorded:
            continue
        before, i = recorded[name], ARCHITECTURES.index(architecture)
        blocks = blocks_of(kernel, architecture)
        if blocks < before["blocks"][i]:
            yield (f"{name} sm_{architecture}: {kernel['registers']} registers and "
                   f"{kernel['shared']} bytes of shared memory allow {blocks} blocks; "
                   f"{before['registers'][i]} and {before['shared']} allowed {before['blocks'][i]}")
        for key, pattern in KEYS.items():
            if before.get(key, [0] * len(ARCHITECTURES))[i] and not count(kernel, pattern):
                yield f"{name} sm_{architecture}: no {key}, was there"


def write(recorded):
    lines = [f"  {json.dumps(name)}: {json.dumps(of_name)}" for name, of_name in recorded.items()]
    with open(RECORD, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    before, rest = page.split(BEGIN)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + table(recorded) + END + rest.split(END)[1])


def span(values, form="{:g}"):
    """Least and largest."""
    values = sorted(values)
    if not values:
        return ""
    least, most = form.format(values[0]), form.format(values[-1])
    return least if least == most else f"{least} to {most}"


def table(recorded):
    lines = ["| kernel, number of kinds | registers | shared, KiB | blocks an SM "
             "| products a load | all five: registers | blocks an SM |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    h100 = ARCHITECTURES.index("90")
    for what, pattern in ROWS:
        kernels = [of_name for name, of_name in recorded.items() if re.search(pattern, name)]
        if not kernels:
            raise ValueError(f"static.py: no kernel for the row '{what}' of the table")
        ratios = [each["products a load"][h100] for each in kernels if "products a load" in each]
        cells = [f"{what}, {len(kernels)}", span(each["registers"][h100] for each in kernels),
                 span((each["shared"] / 1024 for each in kernels), "{:.1f}"),
                 span(each["blocks"][h100] for each in kernels), span(ratios, "{:.2f}"),
                 span(number for each in kernels for number in each["registers"]),
                 span(number for each in kernels for number in each["blocks"])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
