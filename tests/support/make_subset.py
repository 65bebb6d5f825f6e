#!/usr/bin/env python3
"""Links a random part of an image folder: SRC/{train,validation}/CLASS/IMAGE -> the same under DST.

  make_subset.py SRC DST --train 4000 --validation 500 --seed 7

The same seed and counts give the same files, whatever the order of the file system. DST must not hold either folder yet.
"""
import argparse
import os
import random
import sys

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")


def images(folder):
    """Paths of all images below folder, relative to it, in bytewise order."""
    found = [os.path.relpath(os.path.join(root, name), folder)
             for root, _, names in os.walk(folder) for name in names if name.lower().endswith(SUFFIXES)]
    return sorted(found, key=os.fsencode)


def link(source, target, count, seed):
    every = images(source)
    if count > len(every):
        sys.exit(f"make_subset: {source} holds {len(every)} images; {count} were asked for")
    if os.path.exists(target):
        sys.exit(f"make_subset: {target} is there already")
    classes = {}
    for path in random.Random(seed).sample(every, count):
        os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
        os.symlink(os.path.abspath(os.path.join(source, path)), os.path.join(target, path))
        name = path.split(os.sep)[0]
        classes[name] = classes.get(name, 0) + 1
    print(f"{target}: {count} of {len(every)} images:", ", ".join(f"{n} {classes[n]}" for n in sorted(classes)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SRC")
    parser.add_argument("target", metavar="DST")
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--validation", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    for part, count in (("train", options.train), ("validation", options.validation)):
        link(os.path.join(options.source, part), os.path.join(options.target, part), count, options.seed)


if __name__ == "__main__":
    main()
