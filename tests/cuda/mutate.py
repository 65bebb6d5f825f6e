#!/usr/bin/env python3
"""The mutation test of the CUDA kernels: takes out each barrier, weakens each wait, takes out and shifts
each guard of bounds, one at a time, and asks that a test on the emulated device fails: by itself, or in
a build with a sanitizer where the order of threads alone cannot show it. All mutants are in one build,
and of the tests only those run that reach the mutant. Exit code 1 where a mutant is not missed and
mutate_exceptions.txt does not say why."""
import argparse
import concurrent.futures
import os
import sys
import tempfile
import time

import deep_build
import switched_tree

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("barrier", "wait", "guard")
# Most mutants are missed by the quickest of the cases that reach them, which take so long together.
QUICK_SECONDS = 10


def exceptions():
    """(file, line, change) -> reason"""
    out = {}
    with open(os.path.join(HERE, "mutate_exceptions.txt"), encoding="utf-8") as opened:
        for line in opened:
            parts = [each.strip() for each in line.split(" | ")]
            if len(parts) == 4 and not line.startswith("#"):
                out[tuple(parts[:3])] = parts[3]
    return out


def place(mutant):
    return f"{mutant.file}:{mutant.number}: {mutant.change}: {mutant.line}"


class Judge:
    """Builds the tree and finds who misses what was broken."""

    def __init__(self, tree, found, jobs):
        self.tree, self.mutants, self.jobs = tree, found, jobs
        self.builds = {}
        self.cases = []  # (seconds, name, mutants that it reaches), the quickest first

    def build(self, kind):
        if kind in self.builds:
            return self.builds[kind]
        build = deep_build.Build(self.tree, kind, self.jobs)
        good, output = build.make()
        if not good:
            sys.exit(f"the {kind} build fails:\n{output[-5000:]}")
        self.builds[kind] = build
        return build

    def survey(self):
        """Runs each case with all kernels as they are, for what it reaches and how long it takes."""
        build = self.build("normal")
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            self.cases = sorted(pool.map(self.survey_one, build.cases()))

    def survey_one(self, name):
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as reached:
            begin = time.monotonic()
            code, output = self.builds["normal"].run([f'"{name}"'], MIEN_MUTANTS_REACHED=reached.name)
            if code != 0:
                sys.exit(f"'{name}' does not pass:\n{output[-5000:]}")
            return time.monotonic() - begin, name, frozenset(map(int, reached.read().split()))

    def caught_by(self, number, kind, first, last):
        """Who misses the mutant: a case, and the kind of build; or None. Of the cases that reach it, those
        between the first and the last second that they take one after the other."""
        begin = 0
        for took, name, reached in self.cases:
            if number not in reached:
                continue
            end = begin + took
            if begin >= last:
                break
            if begin >= first:
                timeout = 20 + took * (10 if kind == "normal" else 200)  # a mutant may never end
                if self.builds[kind].run(["-a", f'"{name}"'], timeout, MIEN_MUTANT=str(number))[0] != 0:
                    return f"{kind}: {name}"
            begin = end
        return None

    def all_caught(self, numbers, kind, first=0, last=1e9):
        """Of the mutants with these numbers: number -> who caught it."""
        if numbers:
            self.build(kind)
        caught = {}
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            found = pool.map(lambda each: self.caught_by(each, kind, first, last), numbers)
            for number, by in zip(numbers, found):
                if by:
                    caught[number] = by
                    print(f"{place(self.mutants[number])}: {by}", flush=True)
        return caught

    def judge(self, numbers):
        """The same by all builds: the quick cases first, then a sanitizer, then the others."""
        caught = self.all_caught(numbers, "normal", 0, QUICK_SECONDS)
        def left(*kinds):
            return [number for number in numbers
                    if number not in caught and self.mutants[number].kind in kinds]
        caught.update(self.all_caught(left("barrier", "wait"), "thread", 0, QUICK_SECONDS))
        caught.update(self.all_caught(left("guard"), "address", 0, QUICK_SECONDS))
        caught.update(self.all_caught(left("barrier", "wait", "guard"), "normal", QUICK_SECONDS))
        return caught


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="for a copy of the sources and its builds")
    parser.add_argument("--only", action="append", default=[], help="a kernel's file name; again for more")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    tree = os.path.abspath(options.folder)
    found = switched_tree.make(tree)
    judge = Judge(tree, found, options.jobs)
    judge.survey()

    excused = exceptions()
    reasons, todo = {}, []
    for number, mutant in found.items():
        if mutant.kind not in options.kinds.split(",") or (
                options.only and os.path.basename(mutant.file) not in options.only):
            continue
        reason = excused.get((mutant.file, mutant.line, mutant.change))
        if reason:
            reasons[number] = reason
        else:
            todo.append(number)
    caught = judge.judge(todo)
    for number, reason in reasons.items():
        print(f"{place(found[number])}: excused: {reason}")
    for number in todo:
        if number not in caught:
            print(f"{place(found[number])}: SURVIVED")
    for kind in KINDS:
        mine = [number for number in todo if found[number].kind == kind]
        print(f"mien: mutation test, {kind}s: {sum(number in caught for number in mine)} of {len(mine)} "
              f"caught, {sum(found[number].kind == kind for number in reasons)} excused")
    return 1 if len(caught) < len(todo) else 0


if __name__ == "__main__":
    sys.exit(main())
