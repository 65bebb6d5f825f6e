"""Finds what can be broken in the CUDA kernels: barriers, waits and guards of bounds, one by one."""
import collections
import glob
import os
import re

# Not kernels: the language and the runtime, which tests/cuda/emulator and language_test.cpp check.
LEFT_OUT = {"lang.cuh", "rt_cuda.cu"}

# kind: "barrier", "wait" or "guard"; line: as it stands, without what surrounds it.
Mutant = collections.namedtuple("Mutant", "file number line kind change mutated")

BARRIER = re.compile(r"\b__sync(threads|warp)\([^()]*\);")
WAIT = re.compile(r"\bcp_wait<([^<>]+)>\(\);")
# A comparison with a count, as kernels have it where a thread may have nothing to do.
COUNT = (r"(?:\w+(?:\.|->))*(?:\w+_)?(?:rows|columns|count|size|steps|depth|channels|units|left|line|n|m|k|h|w|"
         r"c|oh|ow|oc|places_down|width)_?")
GUARD = re.compile(r"(?<![<\w])(\w[\w.\[\]]*) (<|>=) (" + COUNT + r")\b(?!\s*[<(])")
GUARDED = re.compile(r"\bif\b|\?|\bbool\b")


def of_file(root, file):
    """All mutants of a file, whose path is relative to root."""
    with open(os.path.join(root, file), encoding="utf-8") as opened:
        lines = opened.read().split("\n")
    found = []

    def add(number, match, kind, change, replacement):
        line = lines[number]
        mutated = list(lines)
        mutated[number] = line[:match.start()] + replacement + line[match.end():]
        found.append(Mutant(file, number + 1, line.strip(), kind, change, "\n".join(mutated)))

    for number, line in enumerate(lines):
        code = line.split("//")[0]
        for match in BARRIER.finditer(code):
            add(number, match, "barrier", f"no {match.group(0)[:-1]}", "(void)0;")
        for match in WAIT.finditer(code):
            add(number, match, "wait", "no wait", "(void)0;")
            add(number, match, "wait", "one group more", f"cp_wait<({match.group(1)}) + 1>();")
        if not GUARDED.search(code) or re.search(r"\bfor\b|template|static_assert|#", code):
            continue
        for match in GUARD.finditer(code):
            if code[match.end():].startswith(f" ? {match.group(1)} : {match.group(3)}"):
                continue  # the smaller of two: the same with either
            other = {"<": "<=", ">=": ">"}[match.group(2)]
            add(number, match, "guard", f"{match.group(2)} -> {other}",
                f"{match.group(1)} {other} {match.group(3)}")
    return found


def files(root):
    paths = glob.glob(os.path.join(root, "kernels", "cuda", "*.cu*"))
    return sorted(os.path.relpath(path, root) for path in paths
                  if os.path.basename(path) not in LEFT_OUT)


def users(root, file):
    """Stems of the .cu files that a change of the file reaches."""
    included = {}
    for path in glob.glob(os.path.join(root, "kernels", "cuda", "*.*")):
        with open(path, encoding="utf-8") as opened:
            included[os.path.basename(path)] = set(
                re.findall(r'#include "kernels/cuda/([\w.]+)"', opened.read()))
    reached, stems = {os.path.basename(file)}, set()
    while True:
        more = {name for name, others in included.items() if others & reached} - reached
        if not more:
            break
        reached |= more
    for name in reached:
        stem, ending = os.path.splitext(name)
        if ending == ".cu":
            stems.add(stem)
    return stems
