#!/usr/bin/env python3
"""What can be known of the CUDA kernels without a GPU: compiles every kernels/cuda/*.cu for several
architectures with all warnings as errors, reads what ptxas says and what the machine code holds, and
compares with the figures of static.json. Exit code 1: something is wrong; 4: a tool is missing."""
import argparse
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RECORD = os.path.join(HERE, "static.json")
SKIPPED = 4
ARCHITECTURES = ["80", "89", "90", "100", "120"]
REGISTERS_OF_SM = 65536

# What no kernel may hold. The address space of a pointer was lost where a load is generic.
FORBIDDEN = [
    (r"(LDL|STL)\b", "local memory"),
    (r"(LD|ST)\b", "a generic load or store"),
    (r"(DFMA|DADD|DMUL|DSETP|DMMA)\b", "double arithmetic"),
    (r"(ATOM|ATOMG|ATOMS|RED|REDG)\b.*\.(F16|BF16|F32|F64|FTZ)", "a float atomic"),
]

# What kernels of a name must hold in some form.
REQUIRED = [
    (r"\bmap_kernel<4, (?!Compare|Cast|Fill|.*\bbf16)", [r"LDG\.E\.128", r"STG\.E\.128"]),
    (r"\bmap_kernel<8, (?!Compare|Cast|Fill)", [r"LDG\.E\.128", r"STG\.E\.128"]),
    (r"\b(map_kernel<4, Dropout<|(places|batch_norm)_kernel<4, .*)bf16", [r"LDG\.E\.64", r"STG\.E\.64"]),
    (r"\bmap_kernel<4, (Cast<float, float>|Fill<(float|int)>)", [r"STG\.E\.128"]),
    (r"\b(places|batch_norm)_kernel<4(?!.*\bbf16)", [r"LDG\.E\.128", r"STG\.E\.128"]),
    (r"\bfew_channels_kernel<4", [r"LDS\.128", r"STG\.E\.128"]),
    (r"\bimplicit_gemm_kernel<.*\bFfma<.*, 4>$", [r"FFMA\b", r"LDS\.128"]),
    # In exact f32 two operands whose rows run along the sum are turned round on their way.
    (r"\bimplicit_gemm_kernel<(?!\w+<float>, Rows<float>.*\bFfma<).*, 4>$",
     [r"LDGSTS\.E\.BYPASS\.128"]),
]


def tool(name, folder):
    """Where a tool is: in the given folder, in PATH, or in a Python package of NVIDIA's."""
    packages = glob.glob(os.path.join(sysconfig.get_paths()["purelib"], "nvidia", "*", "bin"))
    folders = [folder] if folder else []
    folders += os.environ.get("PATH", "").split(os.pathsep) + packages + ["/usr/local/cuda/bin"]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if not found:
        print(f"skipped: no {name}; in a CUDA toolkit, or: pip install nvidia-cuda-{name}")
        sys.exit(SKIPPED)
    return found


def run(command, environment=None):
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment, check=False)
    return done.returncode, done.stdout


def compile_file(source, architectures, tools, folder):
    """Returns (errors, kernels): of each kernel and architecture what was found."""
    stem = os.path.basename(source)
    binary = os.path.join(folder, stem + ".o")
    last = architectures[-1]
    codes = [f"arch=compute_{a},code=sm_{a}" for a in architectures[:-1]]
    codes.append(f"arch=compute_{last},code=[sm_{last},compute_{last}]")  # PTX too
    status, output = run([tools["nvcc"], "-std=c++20", "-O3", "--expt-relaxed-constexpr", "-Werror",
                          "all-warnings", "-Xcompiler=-Wall,-Wextra", "-Xptxas", "-v", "-I.",
                          "-Iinclude", "-c", source, "-o", binary]
                         + [word for code in codes for word in ("-gencode", code)])
    if status != 0:
        return [f"{source}: {output.strip()}"], {}
    kernels = {}
    read_resources(output, kernels)
    path = os.path.dirname(tools["nvdisasm"]) + os.pathsep + os.environ.get("PATH", "")
    environment = dict(os.environ, PATH=path)
    if kernels:
        read_bounds(run([tools["cuobjdump"], "-ptx", binary], environment)[1], kernels)
        read_code(run([tools["cuobjdump"], "-sass", binary], environment)[1], kernels)
    named = {}
    names = demangled([symbol for symbol, _ in kernels])
    for (symbol, architecture), found in kernels.items():
        named[(f"{stem}: {names[symbol]}", architecture)] = found
    return [], named


def read_resources(output, kernels):
    """ptxas -v: registers, stack, spills."""
    kernel = None
    for line in output.splitlines():
        entry = re.search(r"Compiling entry function '(\S+)' for 'sm_(\d+)'", line)
        if entry:
            kernel = kernels.setdefault(entry.groups(), {"code": []})
        numbers = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+)", line)
        if kernel is not None and numbers:
            kernel["stack"] = sum(int(each) for each in numbers.groups())
        used = re.search(r"Used (\d+) registers", line)
        if kernel is not None and used:
            kernel["registers"] = int(used.group(1))
            shared = re.search(r"(\d+) bytes smem", line)
            kernel["shared"] = int(shared.group(1)) if shared else 0


def read_bounds(ptx, kernels):
    """PTX: what __launch_bounds__ says, the same for all architectures."""
    bounds = {}
    name = None
    for line in ptx.splitlines():
        entry = re.search(r"\.entry (\w+)", line)
        if entry:
            name = entry.group(1)
        threads = re.match(r"\s*\.maxntid (\d+)(?:, (\d+), (\d+))?", line)
        if threads:
            product = 1
            for each in threads.groups():
                product *= int(each or 1)
            bounds.setdefault(name, {})["threads"] = product
        blocks = re.match(r"\s*\.minnctapersm (\d+)", line)
        if blocks:
            bounds.setdefault(name, {})["blocks"] = int(blocks.group(1))
    for (symbol, _), kernel in kernels.items():
        kernel.update(bounds.get(symbol, {}))


def read_code(sass, kernels):
    """Machine code: the words of each instruction, without predicate and operands' encoding."""
    architecture, code = None, []
    for line in sass.splitlines():
        section = re.search(r"code for sm_(\d+)", line)
        if section:
            architecture = section.group(1)
        function = re.search(r"Function : (\S+)", line)
        if function:
            code = kernels.get((function.group(1), architecture), {"code": []})["code"]
        instruction = re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(?:\{\s*)?(?:@!?U?P\w+\s+)?([A-Z][\w.]*)", line)
        if instruction:
            code.append(instruction.group(1))


def demangled(symbols):
    """Readable names, without arguments."""
    output = subprocess.run(["c++filt"], input="\n".join(symbols), text=True,
                            stdout=subprocess.PIPE, check=True).stdout.splitlines()
    clean = {}
    for symbol, name in zip(symbols, output):
        for noise in ("void ", "(anonymous namespace)::", "mien::", "cuda::"):
            name = name.replace(noise, "")
        clean[symbol] = name[:end_of_name(name)].replace(" >", ">")
    return clean


def end_of_name(name):
    """Where the function's arguments begin: the first bracket outside of template arguments."""
    depth = 0
    for i, letter in enumerate(name):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            return i
    return len(name)


def resident_blocks(kernel):
    """Blocks of a multiprocessor that its registers are enough for; a warp takes them by 256."""
    warps = (kernel["threads"] + 31) // 32
    of_warp = (kernel["registers"] * 32 + 255) // 256 * 256
    return REGISTERS_OF_SM // (of_warp * warps)


def faults_of(name, kernel):
    """What is wrong with one kernel on one architecture."""
    if kernel.get("stack"):
        yield "a stack frame or spilled registers"
    if "threads" not in kernel:
        yield "no __launch_bounds__"
    elif resident_blocks(kernel) < kernel.get("blocks", 1):
        yield (f"{kernel['registers']} registers of {kernel['threads']} threads allow "
               f"{resident_blocks(kernel)} blocks, {kernel.get('blocks', 1)} are declared")
    if not kernel["code"]:
        yield "no machine code found"
    for pattern, what in FORBIDDEN:
        found = sorted({each for each in kernel["code"] if re.match(pattern, each)})
        if found:
            yield f"{what}: {', '.join(found)}"
    for kernels, patterns in REQUIRED:
        if re.search(kernels, name):
            for pattern in patterns:
                if not any(re.match(pattern, each) for each in kernel["code"]):
                    yield f"no {pattern}"


def compare(found, recorded, record):
    """Registers against those recorded, which are [architecture -> registers] by name."""
    new = 0
    for (name, architecture), kernel in sorted(found.items()):
        before = recorded.get(name, {}).get(architecture)
        if before is None:
            new += 1
        elif not record and kernel["registers"] > before * 1.1:
            yield f"{name} sm_{architecture}: {kernel['registers']} registers, were {before}"
        if record:
            recorded.setdefault(name, {})[architecture] = kernel["registers"]
    if new and not record:
        print(f"{new} figures are not in static.json yet; --record takes them in")


def write_record(recorded):
    lines = [f"  {json.dumps(name)}: {json.dumps(registers)}"
             for name, registers in sorted(recorded.items())]
    with open(RECORD, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architectures", default=",".join(ARCHITECTURES), help="as 80,90")
    parser.add_argument("--only", default="", help="names of .cu files to look at, as fill,gemm")
    parser.add_argument("--tools", default=os.environ.get("MIEN_CUDA_TOOLS", ""),
                        help="folder of cuobjdump and nvdisasm, where they are not in PATH")
    parser.add_argument("--record", action="store_true", help="take the figures as those to keep")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    tools = {name: tool(name, options.tools) for name in ("nvcc", "cuobjdump", "nvdisasm")}
    architectures = options.architectures.split(",")
    only = [each for each in options.only.split(",") if each]
    sources = sorted(os.path.relpath(each, ROOT)
                     for each in glob.glob(os.path.join(ROOT, "kernels", "cuda", "*.cu"))
                     if not only or os.path.basename(each)[:-3] in only)
    recorded = {}
    if os.path.exists(RECORD):
        with open(RECORD, encoding="utf-8") as file:
            recorded = json.load(file)

    faults, found = [], {}
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for errors, kernels in pool.map(
                lambda source: compile_file(source, architectures, tools, folder), sources):
            faults += errors
            found.update(kernels)
    for (name, architecture), kernel in sorted(found.items()):
        faults += [f"{name} sm_{architecture}: {fault}" for fault in faults_of(name, kernel)]
    if options.record and not only:
        names = {name for name, _ in found}
        recorded = {name: figures for name, figures in recorded.items() if name in names}
    faults += compare(found, recorded, options.record)
    for fault in faults:
        print(fault)
    if options.record and not faults:
        write_record(recorded)
    if not found:
        print("no kernel found")
        return 1
    most = max(found.items(), key=lambda item: item[1]["registers"])
    print(f"mien: {len({name for name, _ in found})} kernels in {len(sources)} files for "
          f"sm_{', sm_'.join(architectures)}: {len(faults)} faults; at most "
          f"{most[1]['registers']} registers ({most[0][0]})")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
