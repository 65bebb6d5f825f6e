"""What the peers' workers share: one command a line on standard input, one line of JSON for each.

A command is a job's name, its arguments and, mostly, a number of repetitions; the answer holds the
milliseconds of each. What this machine or version cannot do answers {"error": ...}.
"""
import json
import os
import resource
import sys
import time


def seconds_since_start():
    """Since the system started this process: loading the interpreter and all modules counts."""
    with open("/proc/self/stat") as file:
        ticks = int(file.read().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def peak_rss_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def milliseconds(work, repetitions):
    out = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        work()
        out.append(1e3 * (time.perf_counter() - begin))
    return out


def serve(jobs, answers):
    """jobs: {name: function of the words of a command, giving what is to be answered}."""
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        name, *words = line.split()
        try:
            answer = jobs[name](*words)
        except Exception as error:  # the others may still go well
            text = str(error).splitlines() or [""]
            answer = {"error": f"{type(error).__name__}: {text[0][:200]}"}
        print(json.dumps(answer), file=answers, flush=True)


def only_answers():
    """Standard output for the answers alone: what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers
