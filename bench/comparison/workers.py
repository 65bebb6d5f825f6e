"""The programs that do the work: one of each library, taking a command a line."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PEERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")


class Skipped(Exception):
    """What a library cannot do here; the report says why."""


class Worker:
    def __init__(self, name, command):
        self.name, self.command, self.process, self.versions = name, command, None, {}

    def start(self):
        if self.process:
            return
        if not self.command or not os.path.exists(self.command[0]):
            raise Skipped(f"{self.name}: not given" if not self.command
                          else f"{self.name}: there is no {self.command[0]}")
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        self.answer()
        self.versions = self.do("versions")

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()
            self.process = None
            self.command = None  # it would end again
            raise Skipped(f"{self.name} ended: {said[-1] if said else 'without a word'}")
        answer = json.loads(line)
        if "error" in answer:
            raise Skipped(f"{self.name}: {answer['error']}")
        return answer

    def do(self, command):
        self.start()
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answer()

    def forget(self):
        if self.process:
            self.do("forget")

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


class Workers:
    """mien's, PyTorch's and Keras's; started when they are first needed."""

    def __init__(self, options):
        threads = str(options.threads)
        bench = os.path.join(options.build, "bench")
        self.fer_step = os.path.join(bench, "fer_step")
        self.fer_train = os.path.join(options.build, "examples", "fer_train")
        self.threads = options.threads
        self.all = {"mien": Worker("mien", [os.path.join(bench, "mien_worker")])}
        for name, python in (("torch", options.torch), ("keras", options.keras)):
            program = os.path.join(PEERS, name + "_worker.py")
            self.all[name] = Worker(name, [python, program, threads] if python else None)

    def do(self, name, command):
        worker = self.all[name]
        fresh = name == "mien" and worker.process is None
        worker.start()
        if fresh:
            worker.do(f"threads {self.threads}")
        return worker.do(command)

    def once(self, name, words):
        """Figures of a process of its own."""
        command = self.all[name].command
        if not command:
            raise Skipped(f"{name}: not given")
        return run_json([*command, "once", *words.split()])

    def forget(self):
        for worker in self.all.values():
            worker.forget()

    def stop(self):
        for worker in self.all.values():
            worker.stop()

    def versions(self):
        return {name: worker.versions for name, worker in self.all.items() if worker.versions}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"{os.path.basename(command[0])}: {done.stderr.strip()[-200:]}")
    return done.stdout


def run_json(command):
    return json.loads(run(command).strip().splitlines()[-1])


def contest(workers, jobs, rounds):
    """jobs: {label: (worker, command with {n}, n)}. Each round asks all of them in turn; {label:
    the median milliseconds of each round}, or {label: why not}."""
    figures = {label: [] for label in jobs}
    for i in range(rounds + 1):  # the first round only warms up
        for label, (name, command, n) in jobs.items():
            if isinstance(figures[label], str):
                continue
            try:
                answer = workers.do(name, command.format(n=n))
                if i > 0:
                    figures[label].append(statistics.median(answer["ms"]))
            except Skipped as why:
                figures[label] = str(why)
                print(f"  skipped {label}: {why}", file=sys.stderr)
            time.sleep(0.02)  # until its threads sleep
    workers.forget()
    return figures
