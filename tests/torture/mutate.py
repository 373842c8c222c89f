"""Puts faults into ext/bridge and ext/surface, one at a time, and sees whether the tests notice.

    python3 tests/torture/mutate.py [--count 300] [--seed 1] [--files ext/bridge/ids.c ...] [--again LOG]

A fault is an operator or a constant that is another one: < for <=, == for !=, && for ||, + for -, ! left
out, a number one more. Each is compiled in a copy of the tree. Of the tests those are run that come by
its line (a build that counts finds out which), the quick ones first, until one fails or hangs: then the
fault is killed. Prints what became of each, and the share of those that were killed. Some cannot be
noticed, since they change nothing that is promised: an estimate for the planner, a limit by which only
time changes. Constants of which one more is no fault, since it is the same or only more room, are left
as they are: see SAME. With --again, only the faults are put in that survived in what an earlier run has
printed.

Fails when fewer than nine of ten are killed.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(ROOT, "build", "mutants")

# Patterns of tests/run; and what they find that takes minutes where lines are counted.
TESTS = ["surface/", "bridge/", "safety/", "fuzz/", "sql/", "README"]
LONG = "tests/safety/test_interrupt.c"

# Lines on which no constant is changed: {0} becomes {1}, and is written over; bytes to allocate; how much
# work is reported; -1 for the length of a text, where any negative number does.
SAME = r"\{0\}|_allocate\(|km_tick\(|, -1[,)]"

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
            line = code[code.rfind("\n", 0, match.start()) + 1:code.find("\n", match.end())]
            if replacement != "+1":
                yield (path, match.start(), match.end(), replacement)
            elif not re.search(SAME, line):
                yield (path, match.start(), match.end(), str(int(match.group()) + 1))


def run(command, environment, seconds, given=subprocess.DEVNULL):
    """Runs a command until a test fails or time is over. Returns why it failed, or nothing."""
    process = subprocess.Popen(command, cwd=COPY, env=environment, stdin=given, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    failed = next((line.strip() for line in process.stdout if line.startswith("FAIL")), "")
    if failed and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    status = process.wait()
    timer.cancel()
    return failed or ("exit status %d" % status if status else "")


def come_by(test, environment, folder):
    """Runs one test with the build that counts; returns its seconds and the lines that it comes by."""
    begin = time.time()
    subprocess.run(["tests/run", "--one", test], cwd=COPY, stdout=subprocess.DEVNULL,
                   env=dict(environment, GCOV_PREFIX=folder))
    seconds = time.time() - begin
    lines = set()
    for place, _, names in os.walk(folder):
        for name in names:
            # Counts are read beside the notes of the compiler, which lie where it has put them.
            counts = os.path.join(place, name)
            notes = "/" + os.path.relpath(counts, folder)[:-len("gcda")] + "gcno"
            shutil.copyfile(notes, counts[:-len("gcda")] + "gcno")
            report = subprocess.run(["gcov", "--json-format", "--stdout", counts], cwd=COPY,
                                    stdout=subprocess.PIPE).stdout
            for file in json.loads(report)["files"]:
                lines.update((file["file"], line["line_number"]) for line in file["lines"]
                             if line["count"])
    shutil.rmtree(folder, ignore_errors=True)
    return seconds, test, lines


def find_reach(environment):
    """Which tests come by each line of ext/bridge and ext/surface, the quick ones first; and all tests.
    A test is two words, the seconds that it may take and its name."""
    environment = dict(environment, BUILD="reach", TIMEOUT="3600",
                       KMEANS_EXTENSION=os.path.join(COPY, "reach", "kmeans.so"))
    build = ["make", "-j2", "all", "programs", "BUILD=reach"]
    if run(build, environment, 3600):
        sys.exit("the tree does not build")
    for folder in ("bridge", "surface"):
        shutil.rmtree(os.path.join(COPY, "reach", "ext", folder))
    if run(build + ["CFLAGS=-O1 -g --coverage", "LDFLAGS=--coverage"], environment, 3600):
        sys.exit("the tree does not build with counters")
    tests = subprocess.run(["tests/run", "--list"] + TESTS, cwd=COPY, env=environment,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    tests.remove(LONG)
    reach = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(come_by, test, environment, os.path.join(COPY, "counts", str(i)))
                for i, test in enumerate(tests)]
        results = [("%d %s" % (30 + 10 * seconds, test), lines)
                   for seconds, test, lines in sorted(job.result() for job in jobs)]
    for test, lines in results:
        for line in lines:
            reach.setdefault(line, []).append(test)
    return reach, [test for test, _ in results]


def run_tests(tests, environment):
    """Runs the tests, two at a time. Returns which failed first, or nothing."""
    command = ["xargs", "-P", "2", "-n", "2", "sh", "-c", 'export TIMEOUT=$0; exec tests/run --one "$1"']
    with tempfile.TemporaryFile("w+") as names:
        names.write("\n".join(tests))
        names.seek(0)
        return run(command, environment, 3600, names)


def copy_tree():
    """Makes the copy, with the time of now, so that all is built anew, whatever an earlier run has left."""
    os.makedirs(COPY, exist_ok=True)
    for name in ("ext", "tests", "sql"):
        shutil.rmtree(os.path.join(COPY, name), ignore_errors=True)
        shutil.copytree(os.path.join(ROOT, name), os.path.join(COPY, name),
                        copy_function=copy_anew)
    for name in ("Makefile", "README.md"):
        shutil.copy2(os.path.join(ROOT, name), COPY)


def copy_anew(source, target):
    """Copies a file and its mode, but not its time."""
    shutil.copyfile(source, target)
    shutil.copymode(source, target)


def main():
    """Goes through the faults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", nargs="*")
    parser.add_argument("--again", metavar="LOG")
    arguments = parser.parse_args()

    files = arguments.files or [
        os.path.join("ext", folder, name)
        for folder in ("bridge", "surface")
        for name in sorted(os.listdir(os.path.join(ROOT, "ext", folder)))
        if name.endswith(".c")
    ]
    candidates = [mutant for path in files for mutant in mutants_of(path)]
    random.Random(arguments.seed).shuffle(candidates)
    earlier = open(arguments.again).read().splitlines() if arguments.again else None

    copy_tree()
    scratch = os.path.join(COPY, "scratch")
    environment = dict(os.environ, BUILD="build", TMPDIR=scratch,
                       KMEANS_EXTENSION=os.path.join(COPY, "kmeans.so"),
                       KMEANS_COUNTS=os.devnull)
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(name, None)
    os.makedirs(scratch, exist_ok=True)
    reach, every = find_reach(environment)
    if run(["make", "-j2", "all", "programs"], environment, 3600):
        sys.exit("the tree does not build")
    failed = run_tests(every, environment)
    if failed:
        sys.exit("without a fault the tests fail: %s" % failed)

    killed = 0
    survivors = 0
    for path, begin, end, new in candidates:
        if killed + survivors == arguments.count:
            break
        text = open(os.path.join(ROOT, path)).read()
        line = text.count("\n", 0, begin) + 1
        fault = "%s:%d: %s -> %s: %s" % (path, line, text[begin:end], new or "nothing",
                                         text.splitlines()[line - 1].strip())
        if earlier is not None and "survives  " + fault not in earlier:
            continue
        with open(os.path.join(COPY, path), "w") as file:
            file.write(text[:begin] + new + text[end:])
        if not run(["make", "all", "programs"], environment, 300):
            # Of a line without code of its own, such as a table's, nobody knows who comes by.
            tests = reach.get((path, line), every)
            failed = run_tests(tests, environment)
            if failed:
                killed += 1
                print("killed    %s  [%s]" % (fault, failed), flush=True)
            else:
                survivors += 1
                print("survives  %s" % fault, flush=True)
        shutil.copyfile(os.path.join(ROOT, path), os.path.join(COPY, path))
        shutil.rmtree(scratch)  # what tests that were ended have left
        os.makedirs(scratch)

    total = killed + survivors
    print("%d faults, of %d possible: %d killed (%.1f %%), %d survive" %
          (total, len(candidates), killed, 100 * killed / max(total, 1), survivors))
    sys.exit(10 * killed < 9 * total)


main()
