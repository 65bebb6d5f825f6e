#!/usr/bin/env python3
"""The mutation test of the CUDA kernels: takes out each barrier, weakens each wait, shifts each guard
of bounds, one at a time, and asks that a test on the emulated device fails: by itself, or in a build
with a sanitizer where the order of threads alone cannot show it. What was caught is remembered while
the kernel's file stays as it is, so that a run goes on where the last one ended. Exit code 1 where a
barrier or a wait is not missed."""
import argparse
import glob
import hashlib
import json
import os
import sys
import time

import deep_build
import mutants

EXCEPTIONS = os.path.join(deep_build.ROOT, "tests", "cuda", "mutate_exceptions.txt")
SANITIZER = {"barrier": "thread", "wait": "thread", "guard": "address"}


def exceptions():
    """(file, line, change) -> reason"""
    out = {}
    with open(EXCEPTIONS, encoding="utf-8") as opened:
        for line in opened:
            parts = [each.strip() for each in line.split(" | ")]
            if len(parts) == 4 and not line.startswith("#"):
                out[tuple(parts[:3])] = parts[3]
    return out


def tests_of(root, file):
    """What selects the test files that belong to a kernel's file, or nothing where none does."""
    stems = mutants.users(root, file)
    selected = []
    for path in sorted(glob.glob(os.path.join(root, "tests", "cuda", "*_test.cpp"))):
        test = os.path.basename(path)[:-len("_test.cpp")]
        if any(stem.startswith(test) or test.startswith(stem) for stem in stems):
            selected.append(f"[#{test}_test]")
    return ",".join(selected)


def key_of(root, mutant):
    with open(os.path.join(root, mutant.file), "rb") as opened:
        content = hashlib.sha1(opened.read()).hexdigest()
    return f"{mutant.file}:{mutant.number}: {mutant.change}: {content}"


class Judge:
    """Builds mutants in the copied tree and finds who misses what was taken."""

    def __init__(self, tree, sanitizers):
        self.tree = tree
        self.sanitizers = sanitizers
        self.seconds = {}  # of the whole suite, by kind of build
        self.prepare("normal")

    def prepare(self, kind):
        """The unbroken build, whose tests must pass; once."""
        if kind in self.seconds:
            return
        good, output = self.tree.build(kind)
        if not good:
            sys.exit(f"the {kind} build fails:\n{output[-5000:]}")
        begin = time.monotonic()
        code, output = self.tree.run(kind, ["[cuda]"])
        if code != 0:
            sys.exit(f"the tests of the {kind} build do not pass:\n{output[-5000:]}")
        self.seconds[kind] = time.monotonic() - begin

    def fails(self, kind, selection):
        timeout = 60 + 10 * self.seconds[kind]  # a mutant may never end
        arguments = ["-a", "-#", selection] if selection else ["-a", "[cuda]"]
        code, output = self.tree.run(kind, arguments, timeout)
        if code != 0 and "No test cases matched" in output:
            return self.fails(kind, "")
        return code != 0

    def caught_by(self, mutant):
        """The name of who caught it, or None."""
        path = os.path.join(self.tree.folder, mutant.file)
        with open(path, encoding="utf-8") as opened:
            before = opened.read()
        kinds = ["normal"]
        if self.sanitizers:
            kinds.append(SANITIZER[mutant.kind])
        selection = tests_of(self.tree.folder, mutant.file)
        try:
            for kind in kinds:
                if kind not in self.seconds:
                    write(path, before)
                    self.prepare(kind)
                write(path, mutant.mutated)
                good, _ = self.tree.build(kind)
                if not good:
                    return "the compiler"
                if selection and self.fails(kind, selection):
                    return kind
                if (kind == "normal" or not selection) and self.fails(kind, ""):
                    return kind
        finally:
            write(path, before)
        return None


def write(path, text):
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="for a copy of the sources and its builds")
    parser.add_argument("--only", action="append", default=[], help="a kernel's file name; again for more")
    parser.add_argument("--kinds", default="barrier,wait,guard")
    parser.add_argument("--no-sanitizers", action="store_true", help="only by the orders of threads")
    parser.add_argument("--list", action="store_true", help="only print what would be broken")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    todo = [mutant for file in mutants.files(deep_build.ROOT)
            if not options.only or os.path.basename(file) in options.only
            for mutant in mutants.of_file(deep_build.ROOT, file)
            if mutant.kind in options.kinds.split(",")]
    if options.list:
        for each in todo:
            print(f"{each.kind:8}{each.file}:{each.number}: {each.change}: {each.line}")
        return 0
    tree = deep_build.Tree(options.folder, options.jobs)
    remembered_path = os.path.join(tree.folder, "build-mutants.json")
    remembered = {}
    if os.path.exists(remembered_path):
        with open(remembered_path, encoding="utf-8") as opened:
            remembered = json.load(opened)
    judge = Judge(tree, not options.no_sanitizers)
    excused = exceptions()
    counts = {kind: [0, 0, 0] for kind in SANITIZER}  # caught, excused, all
    survivors = []
    for mutant in todo:
        place = f"{mutant.file}:{mutant.number}: {mutant.change}: {mutant.line}"
        key = key_of(deep_build.ROOT, mutant)
        counts[mutant.kind][2] += 1
        reason = excused.get((mutant.file, mutant.line, mutant.change))
        if reason:
            counts[mutant.kind][1] += 1
            print(f"excused   {place}: {reason}", flush=True)
            continue
        if key not in remembered:
            caught = judge.caught_by(mutant)
            if caught:
                remembered[key] = caught
                write(remembered_path, json.dumps(remembered, indent=1))
        if key in remembered:
            counts[mutant.kind][0] += 1
            print(f"caught    {place}: {remembered[key]}", flush=True)
        else:
            survivors.append(mutant)
            print(f"SURVIVED  {place}", flush=True)
    for kind, (caught, excused_count, total) in counts.items():
        if total:
            print(f"mien: mutation test, {kind}s: {caught} of {total - excused_count} caught, "
                  f"{excused_count} excused")
    return 1 if any(each.kind != "guard" for each in survivors) else 0


if __name__ == "__main__":
    sys.exit(main())
