#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the fence holds, and what it costs. Two CPUs, of which one is granted.

held: CPU time over wall time of programs that would use both.
cost: work a second, with the fence against without; medians of alternating runs.
team: an OpenMP team of two that cannot shrink, on the one CPU, against one thread by hand; also of
      XGBoost and LightGBM, where RUNTIMES_PYTHON is a Python that has them.
squeeze: two such teams on two CPUs: sharing both, or a CPU each, against one thread each.
"""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
RATION = os.path.join(BUILD, "ration")
PYTHON = os.path.join(os.environ.get("VENV", "build/venv"), "bin/python")

EIG = """
import sys, time, multiprocessing
import numpy as np
def work(end):
    a, done = np.random.rand(100, 100), 0
    while time.monotonic() < end:
        np.linalg.eig(a)
        done += 1
    return done
if __name__ == "__main__":
    workers, seconds = int(sys.argv[1]), float(sys.argv[2])
    with multiprocessing.Pool(workers) as pool:
        pool.map(work, [0] * workers, chunksize=1)
        start = time.monotonic()
        done = sum(pool.map(work, [start + seconds] * workers, chunksize=1))
        print(done / (time.monotonic() - start))
"""

TEAM = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}
static double burn(long n)
{
    double x = 1;
    for (long i = 0; i < n; i++)
        x = x * 1.0000001 + 1e-9;
    return x;
}
int main(int argc, char **argv)
{
    int team = atoi(argv[1]);
    long n = atol(argv[2]) / team, done = 0;
    double start = now(), end = start + atof(argv[3]);
    while (now() < end) {
        if (now() > end - 0.8 * atof(argv[3]) && !done)
            start = now();
        _Pragma("omp parallel num_threads(team)")
        {
            volatile double sink = burn(n);
            (void)sink;
        }
        done += start > end - atof(argv[3]);
    }
    printf("%f\\n", done / (now() - start));
    return 0;
}
"""


# Trees of 30 rounds, again and again; both ask for their threads by num_threads(N).
TREES = """
import sys, time
import numpy as np
name, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
x = np.random.default_rng(1).standard_normal((50000, 30))
y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int)
if name == "xgboost":
    from xgboost import XGBClassifier as Trees
    trees = Trees(n_estimators=30, n_jobs=threads, tree_method="hist")
else:
    from lightgbm import LGBMClassifier as Trees
    trees = Trees(n_estimators=30, n_jobs=threads, verbose=-1)
trees.fit(x, y)
start, done = time.monotonic(), 0
while time.monotonic() < start + seconds:
    trees.fit(x, y)
    done += 1
print(done / (time.monotonic() - start))
"""


def measure(command, **environment):
    """The number that the command prints, and CPU over wall time of all of it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    said = subprocess.run(command, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    words = said.split()
    return float(words[0]) if words else 0, used / wall


def held(folder, seconds):
    spin = os.path.join(BUILD, "tests/probe/spin")
    commands = {
        "static, 8 processes": [spin, "8", seconds],
        "Pool(8) of plain Python": [sys.executable, "-c", (
            "import multiprocessing as m, time\n"
            "def f(e):\n while time.monotonic() < e: sum(range(1000))\n"
            "with m.Pool(8) as p: p.map(f, [time.monotonic() + %s] * 8, 1)" % seconds)],
        "stress-ng --cpu 8": ["stress-ng", "--quiet", "--cpu", "8", "--timeout", seconds],
    }
    go = os.path.join(folder, "go")
    if subprocess.run(["go", "build", "-o", go, "tests/probe/spin.go"], check=False,
                      env={**os.environ, "CGO_ENABLED": "0", "HOME": folder}).returncode == 0:
        commands["Go, 8 goroutines"] = [go, "8", seconds]
    print("%-26s %9s %9s" % ("CPU time over wall time", "auto", "never"))
    for name, command in commands.items():
        print("%-26s %9.3f %9.3f" % (name, *(
            measure([RATION, "-n", "1", "--fence=" + fence, *command])[1]
            for fence in ("auto", "never"))), flush=True)


def compare(name, ways, rounds):
    """Medians of alternating runs, each as a part of the last way's."""
    rates = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (command, environment) in ways.items():
            rates[way].append(measure(command, **environment)[0])
    last = statistics.median(list(rates.values())[-1])
    for way, each in rates.items():
        print("%-26s %-28s %10.1f/s %6.1f %%" % (
            name, way, statistics.median(each), 100 * statistics.median(each) / last), flush=True)


def cost(folder, seconds, rounds):
    eig = os.path.join(folder, "eig.py")
    with open(eig, "w", encoding="ascii") as out:
        out.write(EIG)
    for workers in "1", "4":
        ways = {
            "watched, not touched" if workers == "1" else "fenced": (
                [RATION, "-n", "1", PYTHON, eig, workers, seconds], {}),
            "no fence" if workers == "1" else "by hand, taskset": (
                (["taskset", "-c", "1"] if workers == "4" else [])
                + [RATION, "-n", "1", "--fence=never", PYTHON, eig, workers, seconds], {}),
        }
        compare("Pool(%s) of eig" % workers, ways, rounds)


def build_team(folder):
    source, program = os.path.join(folder, "team.c"), os.path.join(folder, "team")
    with open(source, "w", encoding="ascii") as out:
        out.write(TEAM)
    subprocess.run(["cc", "-O2", "-fopenmp", "-o", program, source], check=True)
    return program


def confine(pid, cpu):
    """All threads of a process, as a fence would; it has begun with more."""
    for task in os.listdir("/proc/%d/task" % pid):
        os.sched_setaffinity(int(task), {cpu})


def pair(program, threads, work, seconds, apart):
    """Regions a second of two at the same time, of each."""
    both = [subprocess.Popen([RATION, "-n", "2", "--fence=never", program, threads, work, seconds],
                             stdout=subprocess.PIPE, text=True) for _ in range(2)]
    time.sleep(0.1 * float(seconds))
    for cpu, each in enumerate(both if apart else []):
        confine(each.pid, cpu)
    return [float(each.communicate()[0]) for each in both]


def squeeze(folder, seconds, rounds):
    program = build_team(folder)
    ways = {"sharing": ("2", False), "apart": ("2", True), "one thread each": ("1", False)}
    print("%-26s %s" % ("two teams of 2", "regions/s of both, and of the slower one"))
    for work in "40000", "400000", "4000000":
        rates = {way: [] for way in ways}
        for _ in range(rounds):
            for way, (threads, apart) in ways.items():
                rates[way].append(pair(program, threads, work, seconds, apart))
        ideal = statistics.median(map(sum, rates["one thread each"]))
        for way, each in rates.items():
            together, slower = (statistics.median(map(of, each)) for of in (sum, min))
            print("%-26s %-28s %10.1f/s %6.1f %% %10.1f/s" % (
                work + " steps", way, together, 100 * together / ideal, slower), flush=True)


def team(folder, seconds, rounds):
    program = build_team(folder)
    for work in "40000", "400000", "4000000":
        compare("team of 2, %s steps" % work, {
            "fenced": ([RATION, "-n", "1", program, "2", work, seconds], {}),
            "fenced, spinning as ever": (
                [RATION, "-n", "1", program, "2", work, seconds], {"GOMP_SPINCOUNT": "300000"}),
            "by hand, 1 thread": (
                ["taskset", "-c", "1", program, "1", work, seconds], {}),
        }, rounds)
    trees = os.path.join(folder, "trees.py")
    with open(trees, "w", encoding="ascii") as out:
        out.write(TREES)
    python = os.environ.get("RUNTIMES_PYTHON")
    for name in ("xgboost", "lightgbm") if python else ():
        compare("%s, 2 threads" % name, {
            "fenced": ([RATION, "-n", "1", python, trees, name, "2", seconds], {}),
            "by hand, 1 thread": (
                ["taskset", "-c", "1", python, trees, name, "1", seconds], {}),
        }, rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["held", "cost", "team", "squeeze"])
    parser.add_argument("-s", dest="seconds", default="4")
    parser.add_argument("-r", dest="rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if "held" in options.parts:
            held(folder, options.seconds)
        if "cost" in options.parts:
            cost(folder, options.seconds, options.rounds)
        if "team" in options.parts:
            team(folder, options.seconds, options.rounds)
        if "squeeze" in options.parts:
            squeeze(folder, options.seconds, options.rounds)


if __name__ == "__main__":
    main()
