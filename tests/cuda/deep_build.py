"""A copy of the source tree and builds of the tests of the CUDA kernels in it, for the deep tests:
copied, so that they may break a kernel."""
import filecmp
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEFT_OUT = shutil.ignore_patterns(".*", "build*", "fer_run", "__pycache__")
SANITIZERS = {"normal": "", "address": "address,undefined", "thread": "thread"}
# Every report ends the program, so that a report is a failure.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "ASAN_OPTIONS": "detect_leaks=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=66",
}


class Tree:
    """The copy, and its builds: "normal", or with the "address" or the "thread" sanitizer."""

    def __init__(self, folder, jobs):
        self.folder = os.path.abspath(folder)
        self.jobs = jobs
        self.update()
        self.environment = dict(os.environ, CCACHE_BASEDIR=self.folder, CCACHE_NOHASHDIR="1")

    def update(self):
        """Copies what is new; what did not change keeps its time, and is not built again."""
        def copy(source, target):
            if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
                shutil.copyfile(source, target)
            return target
        shutil.copytree(ROOT, self.folder, ignore=LEFT_OUT, copy_function=copy, dirs_exist_ok=True)
        for folder, folders, names in os.walk(self.folder):
            folders[:] = [each for each in folders if not each.startswith("build")]
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.exists(os.path.join(ROOT, os.path.relpath(path, self.folder))):
                    os.remove(path)

    def build(self, kind):
        """(whether the tests build, what the compiler said)"""
        folder = os.path.join(self.folder, "build-" + kind)
        if not os.path.exists(os.path.join(folder, "CMakeCache.txt")):
            self.configure(folder, kind)
        done = subprocess.run(["cmake", "--build", folder, "--target", "test_cuda", "-j",
                               str(self.jobs)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.environment, check=False)
        return done.returncode == 0, done.stdout

    def configure(self, folder, kind):
        command = ["cmake", "-S", self.folder, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
                   "-DMIEN_CUDA=EMULATE", "-DMIEN_BUILD_TESTS=ON", "-DMIEN_BUILD_EXAMPLES=OFF",
                   "-DMIEN_BUILD_BENCH=OFF", f"-DMIEN_SANITIZE={SANITIZERS[kind]}"]
        if SANITIZERS[kind]:
            command.append("-DCMAKE_CXX_FLAGS_RELEASE=-O1")  # optimized code is slow to build with them
        if shutil.which("ninja"):
            command += ["-G", "Ninja"]
        if shutil.which("ccache"):
            command.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=self.environment)

    def run(self, kind, arguments, timeout=7200):
        """(exit code, output) of the tests; None for the code when the time is up."""
        folder = os.path.join(self.folder, "build-" + kind, "tests")
        program = [os.path.join(folder, "test_cuda"), *arguments]
        # Where addresses are too random, ThreadSanitizer finds its own taken.
        if kind == "thread" and shutil.which("setarch"):
            program = ["setarch", "-R", *program]
        try:
            done = subprocess.run(program, cwd=folder, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=timeout, errors="replace",
                                  env=dict(self.environment, **SETTINGS), check=False)
        except subprocess.TimeoutExpired as late:
            return None, str(late)
        return done.returncode, done.stdout
