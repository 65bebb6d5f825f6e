"""Finds what can be broken in the CUDA kernels, barriers, waits and guards of bounds one by one, and puts
switches in their places (mutants.h)."""
import collections
import glob
import os
import re
import zlib

# Not kernels: the language and the runtime, which tests/cuda/emulator and language_test.cpp check.
LEFT_OUT = {"lang.cuh", "rt_cuda.cu"}

# line: as it stands, without what surrounds it; change: what is done to it.
Mutant = collections.namedtuple("Mutant", "file number line kind change")

SPACE = "mien::mutants::"
BARRIER = re.compile(r"\b(__sync(?:threads|warp)\([^()]*\));")
WAIT = re.compile(r"\bcp_wait<([^<>]+)>\(\);")
# A comparison with a count, as kernels have it where a thread may have nothing to do.
COUNT = (r"(?:\w+(?:\.|->))*(?:(?:\w+_)?(?:rows|columns|cols|count|size|steps|depth|channels|units|left|line|n|m|k|h|w|"
         r"c|oh|ow|oc|places|places_down|width|outputs|packs|threads|runs|parts|blocks|taps|end)_?|(?<=\.)[pq])")
GUARD = re.compile(r"(?<=[\w\])]) (<|>=) (?=(" + COUNT + r"\b(?!\s*[<(])|unsigned\(" + COUNT + r"\)))")
GUARDED = re.compile(r"\bif\b|\?|\bbool\b|\bfor\b|&&")
COMPILE_TIME = re.compile(r"constexpr|template|static_assert|#")
# A loop of threads over data, against one over a pack's elements.
LOOP, LOOP_OF_THREADS = re.compile(r"\bfor\b"), re.compile(r"\bfor\b.*(\bthreadIdx\b|= me;)")


def sites(line):
    """(begin, end, kind, changes, switch) of all that can be broken in a line; the switch makes its
    replacement from the mutants' numbers."""
    code = line.split("//")[0]
    for match in BARRIER.finditer(code):
        call = match.group(1)
        yield (*match.span(), "barrier", [f"no {call}"],
               lambda i, call=call: f"({SPACE}mutated({i}) ? void() : {call});")
    for match in WAIT.finditer(code):
        groups = match.group(1)
        yield (*match.span(), "wait", ["no wait", "one group more"],
               lambda i, j, groups=groups: f"({SPACE}mutated({i}) ? void() : {SPACE}mutated({j}) ? "
               f"cp_wait<({groups}) + 1>() : cp_wait<{groups}>());")
    if not GUARDED.search(code) or COMPILE_TIME.search(code) or (
            LOOP.search(code) and not LOOP_OF_THREADS.search(code)):
        return
    for match in GUARD.finditer(code):
        operator, count = match.groups()
        if re.match(re.escape(count) + r" \? .+ : " + re.escape(count), code[match.end():]):
            continue  # the smaller of two
        name = {"<": "less", ">=": "not_less"}[operator]
        changes = [f"{operator} -> " + {"<": "<=", ">=": ">"}[operator]]
        if LOOP.search(code):  # without its bound a loop has no end
            def switch(i, name=name):
                return f"<{SPACE}{name}(-1, {i})>"
        else:
            changes.insert(0, f"no {operator}")
            def switch(i, j, name=name):
                return f"<{SPACE}{name}({i}, {j})>"
        yield (*match.span(1), "guard", changes, switch)


def with_switches(file, text):
    """(all mutants of a file by their numbers, its text with switches for them)."""
    found, lines = {}, text.split("\n")
    first = (zlib.crc32(file.encode()) & 0x7fffff) << 8  # a change of another file changes no number here
    for number, line in enumerate(lines):
        pieces, done = [], 0
        for begin, end, kind, changes, switch in sorted(sites(line), key=lambda site: site[:2]):
            numbers = [first + len(found) + i for i in range(len(changes))]
            found.update({i: Mutant(file, number + 1, line.strip(), kind, change)
                          for i, change in zip(numbers, changes)})
            pieces += [line[done:begin], switch(*numbers)]
            done = end
        lines[number] = "".join(pieces) + line[done:]
    return found, '#include "tests/cuda/mutants.h"\n' + "\n".join(lines)


def files(root):
    paths = glob.glob(os.path.join(root, "kernels", "cuda", "*.cu*"))
    return sorted(os.path.relpath(path, root) for path in paths
                  if os.path.basename(path) not in LEFT_OUT)
