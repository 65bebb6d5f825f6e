"""Builds of the tests of the CUDA kernels on the emulated device, for the deep tests, and their runs."""
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SANITIZERS = {"normal": "", "address": "address,undefined", "thread": "thread"}
# Every report ends the program, so that a report is a failure.
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "ASAN_OPTIONS": "detect_leaks=0:handle_segv=2",  # the fault itself, before Catch2 has it
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=66",
}


class Build:
    """test_cuda of a source tree; kind: "normal", or with kernels that are sanitized by "address" or
    "thread". The rest is compiled as always, so that ccache has it."""

    def __init__(self, tree, kind, jobs):
        self.kind, self.jobs = kind, jobs
        self.folder = os.path.join(os.path.abspath(tree), "build-" + kind)
        self.environment = dict(os.environ, CCACHE_BASEDIR=os.path.abspath(tree), CCACHE_NOHASHDIR="1",
                                **SETTINGS)
        if os.path.exists(os.path.join(self.folder, "CMakeCache.txt")):
            return
        command = ["cmake", "-S", tree, "-B", self.folder, "-DCMAKE_BUILD_TYPE=Release",
                   "-DMIEN_CUDA=EMULATE", "-DMIEN_BUILD_BENCH=OFF",
                   f"-DMIEN_SANITIZE={SANITIZERS[kind]}", "-DMIEN_SANITIZE_KERNELS=ON"]
        if shutil.which("ninja"):
            command += ["-G", "Ninja"]
        if shutil.which("ccache"):
            command.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=self.environment)

    def make(self):
        """(whether the tests build, what the compiler said)"""
        done = subprocess.run(["cmake", "--build", self.folder, "--target", "test_cuda", "-j",
                               str(self.jobs)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.environment, check=False)
        return done.returncode == 0, done.stdout

    def cases(self):
        """Names of the test cases that run on the device."""
        _, names = self.run(["--list-test-names-only", "[cuda]"])
        if "Unrecognised token" in names:  # Catch2 v3
            _, names = self.run(["--list-tests", "--verbosity", "quiet", "[cuda]"])
        return [each.strip() for each in names.splitlines() if each.strip()]

    def run(self, arguments, timeout=7200, **settings):
        """(exit code, output) of the tests; None for the code when the time is up."""
        folder = os.path.join(self.folder, "tests")
        program = [os.path.join(folder, "test_cuda"), *arguments]
        # Where addresses are too random, ThreadSanitizer finds its own taken.
        if self.kind == "thread" and shutil.which("setarch"):
            program = ["setarch", "-R", *program]
        try:
            done = subprocess.run(program, cwd=folder, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=timeout, errors="replace",
                                  env=dict(self.environment, **settings), check=False)
        except subprocess.TimeoutExpired as late:
            return None, str(late)
        return done.returncode, done.stdout
