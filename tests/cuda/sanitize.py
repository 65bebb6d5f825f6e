#!/usr/bin/env python3
"""Runs the tests of the CUDA kernels in a sanitizer build of the emulated device: none of them may
be reported, and each planted fault must be, with its kernel's file and line."""
import argparse
import concurrent.futures
import os
import re
import sys

import deep_build
import switched_tree

PLANTED = "tests/cuda/emulator/faulty_kernels.cu"
# What each sanitizer is to say about a planted fault.
REPORTS = {
    "thread": {
        "no_second_barrier": "data race",
        "lax_wait": "data race",
        "no_barrier_before_mma": "data race",
        "no_barrier_after_shuffle": "data race",
        "same_value": "data race",
        "no_syncwarp": "data race",
        "one_output": "data race",
        "one_output_before_barrier": "data race",
    },
    "address": {
        "row_guard": "heap-buffer-overflow",
        "past_shared": "heap-buffer-overflow",
        "past_inner_array": "runtime error: index 32 out of bounds",
        "misaligned_store": "runtime error: .*misaligned address",
    },
}


def marked_lines(fault):
    """Lines of the kernels that a report of the fault may name."""
    with open(os.path.join(deep_build.ROOT, PLANTED), encoding="utf-8") as file:
        return [i for i, line in enumerate(file, 1) if f"[{fault}]" in line]


def planted_fault(build, fault, report):
    """What is wrong with the report of a planted fault, or None."""
    code, output = build.run(["one planted fault runs", "-c", fault], 600)
    if code == 0:
        return f"{fault}: not found"
    if not re.search(report, output):
        return f"{fault}: no '{report}' in the report:\n{output[-3000:]}"
    name = re.escape(os.path.basename(PLANTED))
    lines = {int(each) for each in re.findall(name + r":(\d+)", output)}
    if not lines & set(marked_lines(fault)):
        return f"{fault}: reported for lines {sorted(lines)}, not for {marked_lines(fault)}"
    return None


def failure(build, case):
    """What a case that does not pass says, or None."""
    code, output = build.run([f'"{case}"'])
    return f"'{case}' does not pass ({code}):\n{output[-5000:]}" if code != 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sanitizer", choices=sorted(REPORTS))
    parser.add_argument("folder", help="for a copy of the sources and its builds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    switched_tree.make(options.folder)
    build = deep_build.Build(options.folder, options.sanitizer, options.jobs)
    good, output = build.make()
    if not good:
        print(output[-5000:])
        return 1
    cases = build.cases()
    cases.sort(key=lambda name: "network" not in name)  # these take longest
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bad = [each for each in pool.map(lambda name: failure(build, name), cases) if each]
    print("\n".join(bad))
    print(f"mien: {options.sanitizer} sanitizer, {len(cases)} cases: {len(bad)} fail or are reported")
    reports = REPORTS[options.sanitizer]
    wrong = [each for each in (planted_fault(build, *fault) for fault in reports.items()) if each]
    print("\n".join(wrong))
    print(f"mien: {options.sanitizer} sanitizer, {len(reports)} planted faults: {len(wrong)} not found")
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
