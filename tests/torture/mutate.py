"""Puts faults into ext/bridge and ext/surface, one at a time, and sees whether the tests notice.

    python3 tests/torture/mutate.py [--count 300] [--seed 1] [--files ext/bridge/ids.c ...]

A fault is an operator or a constant that is another one: < for <=, == for !=, && for ||, + for -, ! left
out, a number one more. Each is compiled in a copy of the tree, and the tests run in stages, the quick ones
first, until one fails: then the fault is killed, as it is when the tests hang. Prints those that survive,
and the share of those that were killed. Some cannot be noticed, since they change nothing that is
promised: a capacity, an estimate for the planner, how often something is asked.

Fails when fewer than nine of ten are killed.
"""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(ROOT, "build", "mutants")

# Patterns of tests/run; the first stage takes a second or two.
STAGES = [
    ["surface/kmeans", "surface/vectors", "surface/table", "surface/join", "safety/bad_"],
    ["surface/", "bridge/", "safety/statements", "README", "sql/"],
    ["safety/test_connections", "safety/test_transactions", "safety/test_io", "fuzz/"],
    ["safety/test_memory"],
]

OPERATORS = [
    (r"(?<![<>=!+\-*/&|^%])<=(?!=)", "<"),
    (r"(?<![<>=!+\-*/&|^%])>=(?!=)", ">"),
    (r"(?<=[\w\)\]] )<(?= [\w\(\-])", "<="),
    (r"(?<=[\w\)\]] )>(?= [\w\(\-])", ">="),
    (r"(?<![<>=!+\-*/&|^%])==(?!=)", "!="),
    (r"!=(?!=)", "=="),
    (r"&&", "||"),
    (r"\|\|", "&&"),
    (r"(?<=[\w\)\]] )\+(?= [\w\(])", "-"),
    (r"(?<=[\w\)\]] )-(?= [\w\(])", "+"),
    (r"(?<=[\w\)\]] )\*(?= [\w\(])", "+"),
    (r"!(?=[\w\(])", ""),
    (r"(?<![\w.\"'\\])\d+(?![\w.\"'])", "+1"),
]


def blank(text):
    """The text with comments, strings and directives as blanks, so that places stay the same."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#[^\n]*(?:\\\n[^\n]*)*',
                         re.DOTALL | re.MULTILINE)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def mutants_of(path):
    """Every fault that can be put into a file: (path, begin, end, replacement)."""
    code = blank(open(os.path.join(ROOT, path)).read())
    for pattern, replacement in OPERATORS:
        for match in re.finditer(pattern, code):
            new = str(int(match.group()) + 1) if replacement == "+1" else replacement
            yield (path, match.start(), match.end(), new)


def run(command, environment, seconds):
    """Whether the command succeeds, in time and without a test that fails: the first one is enough."""
    process = subprocess.Popen(command, cwd=COPY, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    failed = any(line.startswith(b"FAIL") for line in process.stdout)
    if failed and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    status = process.wait()
    timer.cancel()
    return status == 0 and not failed


def copy_anew(source, target):
    """Copies a file and its mode, but not its time."""
    shutil.copyfile(source, target)
    shutil.copymode(source, target)


def main():
    """Makes the copy, and goes through the faults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", nargs="*")
    arguments = parser.parse_args()

    files = arguments.files or [
        os.path.join("ext", folder, name)
        for folder in ("bridge", "surface")
        for name in sorted(os.listdir(os.path.join(ROOT, "ext", folder)))
        if name.endswith(".c")
    ]
    candidates = [mutant for path in files for mutant in mutants_of(path)]
    chosen = random.Random(arguments.seed).sample(candidates,
                                                  min(arguments.count, len(candidates)))

    os.makedirs(COPY, exist_ok=True)
    for name in ("ext", "tests", "sql"):
        # With the time of now, so that all is built anew, whatever an earlier run has left.
        shutil.rmtree(os.path.join(COPY, name), ignore_errors=True)
        shutil.copytree(os.path.join(ROOT, name), os.path.join(COPY, name),
                        copy_function=copy_anew)
    for name in ("Makefile", "README.md"):
        shutil.copy2(os.path.join(ROOT, name), COPY)
    scratch = os.path.join(COPY, "scratch")
    environment = dict(os.environ, BUILD="build", TIMEOUT="100", TMPDIR=scratch,
                       KMEANS_EXTENSION=os.path.join(COPY, "kmeans.so"))
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD"):
        environment.pop(name, None)
    os.makedirs(scratch, exist_ok=True)
    if not run(["make", "-j2", "all", "programs"], environment, 3600):
        sys.exit("the tree does not build")
    for stage in STAGES:
        if not run(["tests/run"] + stage, environment, 3600):
            sys.exit("without a fault the tests fail: %s" % " ".join(stage))

    killed = 0
    survivors = 0
    for path, begin, end, new in chosen:
        text = open(os.path.join(ROOT, path)).read()
        with open(os.path.join(COPY, path), "w") as file:
            file.write(text[:begin] + new + text[end:])
        line = text.count("\n", 0, begin) + 1
        fault = "%s:%d: %s -> %s: %s" % (path, line, text[begin:end], new or "nothing",
                                         text.splitlines()[line - 1].strip())
        if run(["make", "all"], environment, 300):
            stage = next((i for i, stage in enumerate(STAGES)
                          if not run(["tests/run"] + stage, environment, 600)), None)
            if stage is None:
                survivors += 1
                print("survives  %s" % fault, flush=True)
            else:
                killed += 1
                print("stage %d   %s" % (stage + 1, fault), flush=True)
        shutil.copyfile(os.path.join(ROOT, path), os.path.join(COPY, path))
        shutil.rmtree(scratch)  # what tests that were ended have left
        os.makedirs(scratch)

    total = killed + survivors
    print("%d faults, of %d possible: %d killed (%.1f %%), %d survive" %
          (total, len(candidates), killed, 100 * killed / max(total, 1), survivors))
    sys.exit(10 * killed < 9 * total)


main()
