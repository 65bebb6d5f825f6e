"""Compiles CUDA sources for the static gate. What was compiled is kept by the content of all it came from."""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 4
FLAGS = ["-std=c++20", "-O3", "--expt-relaxed-constexpr", "-Werror", "all-warnings",
         "-Xcompiler=-Wall,-Wextra", "-Xptxas", "-v", "-I.", "-Iinclude"]


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


def tools_of(folder):
    """Returns the paths of the tools, and an environment where cuobjdump finds nvdisasm."""
    tools = {name: tool(name, folder) for name in ("nvcc", "cuobjdump", "nvdisasm")}
    path = os.path.dirname(tools["nvdisasm"]) + os.pathsep + os.environ.get("PATH", "")
    return tools, dict(os.environ, PATH=path)


def run(command, environment=None):
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment, check=False)
    return done.returncode, done.stdout


class Compiler:
    """nvcc with a folder of what it made before."""

    def __init__(self, nvcc, folder):
        self.nvcc = nvcc
        self.folder = folder
        self.version = run([nvcc, "--version"])[1]
        os.makedirs(folder, exist_ok=True)

    def machine_code(self, source, architecture):
        """Returns (error, what the compiler says, cubin)."""
        return self.made(source, architecture, ["-cubin", f"-arch=sm_{architecture}"], "cubin")

    def object_with_ptx(self, source, architecture):
        """The host's part with its warnings, and PTX for architectures to come."""
        code = f"arch=compute_{architecture},code=compute_{architecture}"
        return self.made(source, architecture, ["-c", "-gencode", code], "o")

    def made(self, source, architecture, options, ending):
        command = [self.nvcc] + FLAGS + options
        key = hashlib.sha256("\n".join(command + [self.version]).encode())
        for path in sorted(all_sources(source)):
            with open(os.path.join(ROOT, path), "rb") as file:
                key.update(path.encode() + file.read())
        stem = os.path.join(self.folder, f"{os.path.basename(source)}.sm_{architecture}.")
        target = f"{stem}{key.hexdigest()[:20]}.{ending}"
        if not os.path.exists(target):
            for old in glob.glob(f"{glob.escape(stem)}*.{ending}*"):
                os.remove(old)
            status, output = run(command + [source, "-o", target + ".new"])
            if status != 0:
                return f"{source} for {architecture}: {output.strip()}", "", ""
            with open(target + ".log", "w", encoding="utf-8") as file:
                file.write(output)
            os.rename(target + ".new", target)
        with open(target + ".log", encoding="utf-8") as file:
            return None, file.read(), target


def all_sources(source, known=None):
    """The source and every file of this project that it includes, directly or not."""
    known = set() if known is None else known
    if source not in known and os.path.exists(os.path.join(ROOT, source)):
        known.add(source)
        with open(os.path.join(ROOT, source), encoding="utf-8") as file:
            for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', file.read(), re.MULTILINE):
                all_sources(name, known)
                all_sources(os.path.join("include", name), known)
    return known
