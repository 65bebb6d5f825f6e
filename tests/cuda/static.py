#!/usr/bin/env python3
"""What can be known of the CUDA kernels without a GPU: compiles every kernels/cuda/*.cu for several
architectures with all warnings as errors, reads what ptxas says and what the machine code holds, and
compares with the figures of static.json. Exit code 1: something is wrong; 4: a tool is missing."""
import argparse
import concurrent.futures
import glob
import os
import sys
import tempfile

import static_record
from static_code import read_kernels
from static_compile import ROOT, Compiler, tools_of
from static_record import ARCHITECTURES
from static_rules import faults_of, unmatched


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architectures", default=",".join(ARCHITECTURES), help="as 80,90")
    parser.add_argument("--only", default="", help="names of .cu files to look at, as fill,gemm")
    parser.add_argument("--tools", default=os.environ.get("MIEN_CUDA_TOOLS", ""),
                        help="folder of cuobjdump and nvdisasm, where they are not in PATH")
    parser.add_argument("--cache", default="", help="folder where what was compiled is kept")
    parser.add_argument("--record", action="store_true",
                        help="take the figures as those to keep, and write their table")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    architectures = options.architectures.split(",")
    only = [each for each in options.only.split(",") if each]
    if not set(architectures) <= set(ARCHITECTURES):
        parser.error(f"architectures are {', '.join(ARCHITECTURES)}")
    if options.record and (only or architectures != ARCHITECTURES):
        parser.error("--record is for all files and architectures")
    tools, environment = tools_of(options.tools)
    sources = sorted(os.path.relpath(each, ROOT)
                     for each in glob.glob(os.path.join(ROOT, "kernels", "cuda", "*.cu"))
                     if not only or os.path.basename(each)[:-3] in only)

    faults, found = [], {}
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        compiler = Compiler(tools["nvcc"], options.cache or folder)
        for errors, kernels in pool.map(
                lambda source: read_kernels(source, architectures, compiler, tools["cuobjdump"],
                                            environment), sources):
            faults += errors
            found.update(kernels)
    of_kernels = {}  # by fault: the architectures that have it
    for (name, architecture), kernel in sorted(found.items()):
        for fault in faults_of(name, architecture, kernel):
            of_kernels.setdefault(f"{name}: {fault}", []).append(f"sm_{architecture}")
    faults += [f"{fault} ({', '.join(where)})" for fault, where in of_kernels.items()]
    names = {name for name, _ in found}
    if not only:
        faults += [f"no kernel has a name that matches {rule}" for rule in unmatched(names)]
    if options.record and not faults:
        static_record.write(static_record.figures(found))
    recorded = static_record.read()
    faults += static_record.compare(found, recorded)
    for fault in faults:
        print(fault)
    if not only and names != set(recorded):
        print(f"{len(names - set(recorded))} kernels are not in static.json yet and "
              f"{len(set(recorded) - names)} are there no more; --record writes it anew")
    if not found:
        print("no kernel found")
        return 1
    most = max(found.items(), key=lambda item: item[1]["registers"])
    print(f"mien: {len(names)} kernels in {len(sources)} files for "
          f"sm_{', sm_'.join(architectures)}: {len(faults)} faults; at most "
          f"{most[1]['registers']} registers ({most[0][0]})")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
