"""Reads what nvcc, cuobjdump and ptxas say of kernels: registers, bounds, shared memory, instructions."""
import collections
import os
import re
import subprocess

from static_compile import run


def read_kernels(source, architectures, compiler, cuobjdump, environment):
    """Returns (errors, kernels): of each (name, architecture) what was found, as a dictionary."""
    error, _, binary = compiler.object_with_ptx(source, architectures[-1])
    if error:
        return [error], {}
    # By names, not symbols: those of anonymous namespaces are others in each compilation.
    bounds = read_ptx(run([cuobjdump, "-ptx", binary], environment)[1])
    names = demangled(list(bounds))
    bounds = {names[symbol]: of_kernel for symbol, of_kernel in bounds.items()}
    stem = os.path.basename(source)
    kernels = {}
    for architecture in architectures:
        error, output, binary = compiler.machine_code(source, architecture)
        if error:
            return [error], {}
        found = read_resources(output)
        if not found:
            continue
        read_code(run([cuobjdump, "-sass", binary], environment)[1], found)
        names = demangled(list(found))
        for symbol, kernel in found.items():
            name = names[symbol]
            kernel.update(bounds.get(name, {}))
            kernel["shared"] += kernel.pop("dynamic", 0)
            kernels[(f"{stem}: {name}", architecture)] = kernel
    return [], kernels


def read_resources(output):
    """What ptxas -v says: registers, stack, spills, shared memory of a size that is fixed."""
    kernels, kernel = {}, None
    for line in output.splitlines():
        entry = re.search(r"Compiling entry function '(\S+)'", line)
        if entry:
            kernel = kernels.setdefault(
                entry.group(1), {"code": {}, "loops": [], "stack": 0, "shared": 0})
        numbers = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+)", line)
        if kernel is not None and numbers:
            kernel["stack"] += sum(int(each) for each in numbers.groups())
        used = re.search(r"Used (\d+) registers", line)
        if kernel is not None and used:
            kernel["registers"] = int(used.group(1))
            shared = re.search(r"(\d+) bytes smem", line)
            kernel["shared"] = int(shared.group(1)) if shared else 0
    return kernels


def read_ptx(ptx):
    """What __launch_bounds__ says, and how large what shared<T>() gives is: alike for all
    architectures. Returns {symbol: {threads, blocks, dynamic}}."""
    bounds, of_kernel = {}, {}
    for line in ptx.splitlines():
        entry = re.search(r"\.entry (\w+)", line)
        if entry:
            of_kernel = bounds.setdefault(entry.group(1), {"dynamic": 0})
        threads = re.match(r"\s*\.maxntid (\d+)(?:, (\d+), (\d+))?", line)
        if threads:
            of_kernel["threads"] = 1
            for each in threads.groups():
                of_kernel["threads"] *= int(each or 1)
        blocks = re.match(r"\s*\.minnctapersm (\d+)", line)
        if blocks:
            of_kernel["blocks"] = int(blocks.group(1))
        dynamic = re.search(r"\.reg \.b32 shared_of_(\d+);", line)
        if dynamic:
            of_kernel["dynamic"] = max(of_kernel["dynamic"], int(dynamic.group(1)))
    return bounds


def read_code(sass, kernels):
    """Machine code: how often each instruction occurs, without predicate and operands, in a kernel
    and in each of its loops. Those that never run (@!PT, three before each LDGSTS) do not count."""
    symbol, lines = None, {}
    for line in sass.splitlines():
        function = re.search(r"Function : (\S+)", line)
        if function:
            symbol = function.group(1)
        instruction = re.match(r"\s*/\*([0-9a-f]{4,})\*/\s+(?:\{\s*)?(?:@!?U?P(?!T\b)\w+\s+)?"
                               r"([A-Z][\w.]*)(?:\s+(?:!?U?P\w+,\s*)?(0x[0-9a-f]+))?", line)
        if instruction:
            lines.setdefault(symbol, []).append(instruction.groups())
    for symbol, kernel in kernels.items():
        code = [(int(address, 16), name, target) for address, name, target in lines.get(symbol, [])]
        kernel["code"] = collections.Counter(name for _, name, _ in code)
        kernel["loops"] = []
        for end, name, target in code:
            if name.startswith("BRA") and target and int(target, 16) < end:
                kernel["loops"].append(collections.Counter(
                    each for address, each, _ in code if int(target, 16) <= address <= end))


def ratio(kernel, products, loads):
    """Loads of an instruction that makes products, in the innermost of the loops with the most of
    them: (loads, products)."""
    most, least_code = 0, None
    for code in kernel["loops"]:
        found = count({"code": code}, products)
        if found > most or (found == most > 0 and sum(code.values()) < sum(least_code.values())):
            most, least_code = found, code
    return (count({"code": least_code}, loads), most) if least_code else (0, 0)


def count(kernel, pattern):
    """Instructions of a kernel that begin with the pattern."""
    return sum(often for each, often in kernel["code"].items() if re.match(pattern, each))


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
