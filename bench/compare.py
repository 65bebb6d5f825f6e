#!/usr/bin/env python3
"""Compares mien with PyTorch and Keras: the same work, in turn, round by round, on the same machine.

Writes the tables between two markers of a page, and the figures they come from to a JSON file
beside it. What cannot be measured here is a visible skip. Needs nothing but Python and a build of
mien; the peers run in Pythons of their own.
"""
import argparse
import json
import os
import platform
import sys
import time

from comparison import measure
from comparison.report import report
from comparison.workers import Skipped, Workers

BEGIN, END = "<!-- compare.py: begin -->", "<!-- compare.py: end -->"


def cpu_name():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def parse():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--torch", metavar="PYTHON", help="a Python that has PyTorch")
    p.add_argument("--keras", metavar="PYTHON", help="a Python that has Keras and TensorFlow")
    p.add_argument("--rounds", type=int, default=7, help="timed rounds (default 7)")
    p.add_argument("--threads", type=int, default=os.cpu_count() or 1,
                   help="threads of every library (default: all cores)")
    p.add_argument("--only", metavar="ROWS", default=",".join(measure.ALL),
                   help="comma list of: " + ", ".join(measure.ALL)
                   + "; the figures of the others are kept from the last run on this CPU")
    p.add_argument("--images", metavar="DIR", help="folder that holds train/ and validation/")
    p.add_argument("--build", default=os.path.join(root, "build"), help="the build of mien")
    p.add_argument("--out", default=os.path.join(root, "docs", "performance.md"),
                   help="the page (default docs/performance.md)")
    options = p.parse_args()
    options.rows = [name for name in options.only.split(",") if name]
    for name in options.rows:
        if name not in measure.ALL:
            p.error(f"--only: unknown row '{name}'; there are {', '.join(measure.ALL)}")
    if options.rounds < 1 or options.threads < 1:
        p.error("--rounds and --threads must be at least 1")
    return options


def load(path, cpu):
    """The last run's figures, where they are of this CPU."""
    try:
        with open(path) as file:
            data = json.load(file)
        if data["machine"]["cpu"] == cpu:
            return data
    except (OSError, ValueError, KeyError):
        pass
    return {"results": {}, "measured": {}, "versions": {}}


def write(path, text):
    with open(path + ".tmp", "w") as file:
        file.write(text)
    os.replace(path + ".tmp", path)


def write_page(path, tables):
    page = ""
    if os.path.exists(path):
        with open(path) as file:
            page = file.read()
    if BEGIN not in page or END not in page:
        page += f"\n{BEGIN}\n{END}\n"
    before, after = page.split(BEGIN, 1)[0], page.split(END, 1)[1]
    write(path, f"{before}{BEGIN}\n{tables}{END}{after}")


def main():
    options = parse()
    raw = os.path.splitext(options.out)[0] + ".json"
    data = load(raw, cpu_name())
    data["machine"] = {"cpu": cpu_name(), "cores": os.cpu_count()}
    data["threads"], data["rounds"] = options.threads, options.rounds
    workers = Workers(options)
    when = time.strftime("%Y-%m-%d %H:%M")
    try:
        for name in options.rows:
            began = time.monotonic()
            try:
                data["results"][name] = measure.ALL[name](workers, options)
            except Skipped as why:
                sys.exit(f"compare.py: {why}; build mien first: cmake --build build")
            data["measured"][name] = when
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            data["versions"].update(workers.versions())
            write(raw, json.dumps(data, indent=1) + "\n")
            write_page(options.out, report(data))  # an interrupt loses the present row alone
    finally:
        workers.stop()
    print(report(data))


if __name__ == "__main__":
    main()
