"""The rules of the static gate: what kernels may not hold, must hold, and how many blocks must fit."""
import collections
import re

from static_code import count, ratio

# What a multiprocessor has, by compute capability (CUDA C++ programming guide): bytes of shared
# memory, threads, blocks. A block may have 1 KB less of shared memory, which the system takes.
Machine = collections.namedtuple("Machine", "shared threads blocks")
MACHINES = {"80": Machine(164 << 10, 2048, 32), "89": Machine(100 << 10, 1536, 24),
            "90": Machine(228 << 10, 2048, 32), "100": Machine(228 << 10, 2048, 32),
            "120": Machine(100 << 10, 1536, 24)}
REGISTERS = 65536
RESERVED = 1024

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
    (r"\b(map_kernel<4, Dropout<|(places|batch_norm|norm_gradient)_kernel<4, .*)bf16",
     [r"LDG\.E\.64", r"STG\.E\.64"]),
    (r"\bmap_kernel<4, (Cast<float, float>|Fill<(float|int)>)", [r"STG\.E\.128"]),
    (r"\b(places|batch_norm|norm_gradient)_kernel<4(?!.*\bbf16)", [r"LDG\.E\.128", r"STG\.E\.128"]),
    (r"\b(moments|norm_sums)_kernel<4(?!.*\bbf16)", [r"LDG\.E\.128"]),
    (r"\bfold_\w+_kernel<4, .*\bfloat>$", [r"LDG\.E\.128"]),
    (r"\b(AddParts<Store<float>, 4>|Update<Adam>)", [r"LDG\.E\.128", r"STG\.E\.128"]),
    (r"\bAddParts<Store<bf16>, 4>", [r"LDG\.E\.128", r"STG\.E\.64"]),
    (r"\bfew_channels_kernel<4(?!.*\bbf16)", [r"LDS\.128", r"STG\.E\.128"]),
    (r"\bfew_channels_kernel<4.*\bbf16", [r"LDS\.128", r"STG\.E\.64"]),
    (r"\bimplicit_gemm_kernel<.*\bFfma<.*, 4>$", [r"FFMA", r"LDS\.128"]),
    # In exact f32 two operands whose rows run along the sum are turned round on their way.
    (r"\bimplicit_gemm_kernel<(?!\w+<float>, Rows<float>).*\bFfma<.*, 4>$",
     [r"LDGSTS\.E\.BYPASS\.128"]),
    (r"\bimplicit_gemm_kernel<.*\bFfmaTeams<", [r"FFMA", r"LDS\.128", r"LDGSTS\.E"]),
    (r"\bimplicit_gemm_kernel<.*\bTf32<", [r"HMMA\.1688\.F32\.TF32", r"LDGSTS\.E\.BYPASS\.128"]),
    (r"\bimplicit_gemm_kernel<.*\bBf16<",
     [r"HMMA\.16816\.F32\.BF16", r"LDSM\.16\.MT?88\.4", r"LDGSTS\.E\.BYPASS\.128"]),
]

# Products, loads from shared memory for them, and how many loads a product may take in the loop
# that makes them.
RATIOS = [
    (r"\bTf32Tile<(?!64, 64)", r"HMMA", r"LDS\b", 1.5),
    (r"\bTf32Tile<64, 64", r"HMMA", r"LDS\b", 2),
    (r"\bBf16Tile<(?!64, 64)", r"HMMA", r"LDSM", 0.4),
    (r"\bBf16Tile<64, 64", r"HMMA", r"LDSM", 0.5),
    (r"\bFfmaTile<144, 128", r"FFMA", r"LDS\b", 4 / 48),
    (r"\bFfmaTile<128, 128", r"FFMA", r"LDS\b", 4 / 64),
    (r"\bFfmaTile<64, 64", r"FFMA", r"LDS\b", 3 / 32),
    (r"\bFfmaTile<32, 32", r"FFMA", r"LDS\b", 2 / 16),
    (r"\bFfmaTeams<", r"FFMA", r"LDS\b", 2 / 16),
]

# Tiles that the plan leaves to devices with more shared memory.
TOO_LARGE = {"89": r"\w+Tile<(144, 128|128, 128|128, 64), .*, 4, \d>",
             "120": r"\w+Tile<(144, 128|128, 128|128, 64), .*, 4, \d>"}

# What is recorded of kernels that a rule above names.
KEYS = {"HMMA": r"HMMA\b", "LDSM": r"LDSM\b", "FFMA": r"FFMA", "LDS": r"LDS\b",
        "LDGSTS.128": r"LDGSTS.*\.128", "LDG.128": r"LDG\..*\b128", "STG.128": r"STG\..*\b128"}


def resident_blocks(registers, threads, shared, architecture):
    """Blocks that fit into a multiprocessor at once; a warp takes registers by 256."""
    machine = MACHINES[architecture]
    warps = (threads + 31) // 32
    of_warp = (registers * 32 + 255) // 256 * 256
    return min(REGISTERS // (of_warp * warps), machine.threads // (32 * warps), machine.blocks,
               machine.shared // (shared + RESERVED))


def blocks_of(kernel, architecture):
    return resident_blocks(kernel["registers"], kernel["threads"], kernel["shared"], architecture)


def faults_of(name, architecture, kernel):
    """What is wrong with one kernel on one architecture."""
    if kernel["stack"]:
        yield "a stack frame or spilled registers"
    if "threads" not in kernel:
        yield "no __launch_bounds__"
    else:
        large = re.search(TOO_LARGE.get(architecture, "$^"), name)
        shared = 0 if large else kernel["shared"]
        fit = resident_blocks(kernel["registers"], kernel["threads"], shared, architecture)
        if fit < kernel.get("blocks", 1):
            yield (f"{kernel['registers']} registers of {kernel['threads']} threads and {shared} "
                   f"bytes of shared memory allow {fit} blocks, {kernel.get('blocks', 1)} declared")
    if not kernel["code"]:
        yield "no machine code found"
    for pattern, what in FORBIDDEN:
        found = sorted(each for each in kernel["code"] if re.match(pattern, each))
        if found:
            yield f"{what}: {', '.join(found)}"
    for kernels, patterns in REQUIRED:
        if re.search(kernels, name):
            yield from (f"no {pattern}" for pattern in patterns if not count(kernel, pattern))
    for kernels, products, loads, most in RATIOS:
        if re.search(kernels, name):
            loaded, made = ratio(kernel, products, loads)
            if made == 0 or loaded / made > most:
                yield f"{loaded} {loads} for {made} {products} in a loop, at most {most:.2f} for each"


def kernels_of_rules():
    """The patterns of names that some kernel must match, or a rule would check nothing."""
    return [rule[0] for rule in REQUIRED + RATIOS] + sorted(set(TOO_LARGE.values()))


def unmatched(names):
    return [rule for rule in kernels_of_rules() if not any(re.search(rule, name) for name in names)]


def is_hot(name):
    return any(re.search(rule[0], name) for rule in REQUIRED + RATIOS)
