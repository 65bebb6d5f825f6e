#!/usr/bin/env python3
"""Prints what bench/gpu.sh measured as one table, and writes it to a page.

  gpu_report.py DIR [--page FILE --commit HASH]

DIR holds machine.txt, kernels.jsonl, steps.jsonl, and where they were measured peers.jsonl,
torch.jsonl; what is not there, or has no time (the emulated device), is "unmeasured".
"""
import argparse
import json
import os
import sys
import time

BEGIN, END = "<!-- gpu.sh: begin -->", "<!-- gpu.sh: end -->"

# Peaks by part of the name: f32 FMA, TF32 by mma.sync, BF16 by mma.sync in TFLOP/s, memory in TB/s.
# mma.sync reaches some 62 % of Hopper's tensor peak (arXiv 2402.13499); 4090: NVIDIA's Ada paper.
PEAKS = {
    "H100 PCIe": (51.2, 236, 470, 2.0),
    "H100": (66.9, 308, 614, 3.35),
    "H200": (66.9, 308, 614, 4.8),
    "RTX 4090": (82.6, 82.6, 165, 1.008),
}
COLUMN = {"exact": 0, "tf32": 1, "bf16": 2}

# Steps and the way of PyTorch that does the same, with the ratio to reach.
STEPS = [
    ("fp32", "eager fp32", 1.3), ("tf32", "eager tf32", 1.3), ("bf16", "amp bf16", 1.5),
    ("fp32", "compile fp32", 0.9), ("tf32", "compile tf32", 0.9), ("bf16", "compile bf16", 0.9),
]


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.startswith("{")]


def text(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read().strip()


def number(value, digits=3):
    return "unmeasured" if value is None else f"{value:.{digits}g}"


def ratio(ours, theirs):
    return "unmeasured" if not ours or not theirs else f"**{theirs / ours:.2f}x**"


def peaks(machine):
    return next((PEAKS[name] for name in PEAKS if name in machine), None)


def floor_us(kernel, rates):
    """The least time that the device's rates allow."""
    return max(kernel["flop"] / rates[COLUMN[kernel["math"]]] / 1e6,
               kernel["bytes"] / rates[3] / 1e6)


def kernel_rows(kernels, peers, rates):
    theirs = {(p["kernel"], p["pass"], p["math"]): p["us_median"] for p in peers}
    for k in kernels:
        key = (k["kernel"], k["pass"], k["math"])
        us = k["us_median"]
        share = "unmeasured" if us is None or not rates else f"{100 * floor_us(k, rates) / us:.0f}%"
        yield (f"| {k['kernel']} | {k['pass']} | {k['math']} | {number(us)} | "
               f"{number(theirs.get(key))} | {ratio(us, theirs.get(key))} | {share} | "
               f"{k['relative_error']:.0e} |")


def step_rows(steps, torch):
    ours = {}
    for s in steps:
        if "emulated" not in s["device"]:  # whose time says nothing
            key = s["precision"]
            ours[key] = min(ours.get(key, s["ms_median"]), s["ms_median"])
    theirs = {t["way"]: t.get("ms_median") for t in torch if "way" in t}
    for precision, way, bar in STEPS:
        mine, other = ours.get(precision), theirs.get(way)
        met = "" if not mine or not other else ("met" if other / mine >= bar else "missed")
        yield (f"| {precision} | {number(mine)} | PyTorch {way} | {number(other)} | "
               f"{ratio(mine, other)} | {bar}x | {met} |")


def table(folder):
    machine = text(folder, "machine.txt")
    out = [f"{machine}.", "",
           "| kernel | pass | math | us | cuDNN or cuBLAS, us | ratio | of the roofline | error |",
           "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    out += kernel_rows(lines(folder, "kernels.jsonl"), lines(folder, "peers.jsonl"), peaks(machine))
    out += ["", "Training step of the expression CNN, batch 128.", "",
            "| precision | ms | against | its ms | ratio | bar | |",
            "| --- | --- | --- | --- | --- | --- | --- |"]
    out += step_rows(lines(folder, "steps.jsonl"), lines(folder, "torch.jsonl"))
    missing = text(folder, "left_out.txt")
    if missing:
        out += ["", "Not measured:"] + [f"- {line.split(': ', 1)[-1]}" for line in missing.split("\n")]
    return out


def write(path, rows, commit):
    with open(path) as file:
        page = file.read()
    if BEGIN not in page or END not in page:
        sys.exit(f"gpu_report.py: {path} has no place for the table ({BEGIN})")
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    stamp = f"Measured {time.strftime('%Y-%m-%d')}, commit {commit}."
    with open(path + ".tmp", "w") as file:
        file.write(before + "\n".join([BEGIN, stamp, *rows, END]) + after)
    os.replace(path + ".tmp", path)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", metavar="DIR")
    p.add_argument("--page", metavar="FILE")
    p.add_argument("--commit", default="unknown")
    options = p.parse_args()
    rows = table(options.folder)
    print("\n".join(rows))
    if options.page:
        write(options.page, rows, options.commit)


if __name__ == "__main__":
    main()
