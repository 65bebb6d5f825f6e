"""A copy of the sources for the deep tests: its kernels can be broken by switches, all off unless one is
chosen, so that one build of each kind serves sanitizers and mutations."""
import os
import re

import deep_build
import mutants

LEFT_OUT = re.compile(r"\..*|build.*|fer_run|__pycache__")  # folders that are not sources


def write(path, content):
    """Only where it says something new, so that what did not change is not built again."""
    if os.path.exists(path):
        with open(path, "rb") as opened:
            if opened.read() == content:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as opened:
        opened.write(content)


def sources(root):
    """Paths of all files of the sources, relative to root."""
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if not LEFT_OUT.match(each)]
        for name in names:
            if not name.startswith("."):
                yield os.path.relpath(os.path.join(folder, name), root)


def make(tree):
    """Copies the sources, with switches in the kernels; all mutants, by number."""
    found, kernels = {}, set(mutants.files(deep_build.ROOT))
    copied = {"kernels/cuda/emulator/mutants.cpp": "tests/cuda/mutants.cpp"}
    copied.update((path, path) for path in sorted(sources(deep_build.ROOT)))
    for path, source in copied.items():
        with open(os.path.join(deep_build.ROOT, source), "rb") as opened:
            content = opened.read()
        if path in kernels:
            more, text = mutants.with_switches(path, content.decode())
            if more:
                found.update(more)
                content = text.encode()
        write(os.path.join(tree, path), content)
    for path in sources(tree):
        if path not in copied:
            os.remove(os.path.join(tree, path))
    return found
