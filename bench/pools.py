#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
How pools fare without ration, by hand (one BLAS thread a process) and with ration.

Each row is one program on one BLAS. Its three ways run in turn, again and again, so that what else
the machine does falls on all alike; wall and CPU seconds are given as medians of the ratios to the
run by hand of the same turn, running threads (state R, counted from outside) as medians. Ideal is
the CPU time of the run by hand, spread over all cores of the budget: to_ideal is the wall time to
that.
-o BUILD: with another ration as well, such as that before a change.
"""

import argparse
import glob
import os
import resource
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
BUILDS = {"with": BUILD}  # whose ration, in which way
VENV = os.environ.get("VENV", os.path.join(ROOT, "build/venv"))
HERE = os.path.join(ROOT, "bench")
DEMO = os.path.join(ROOT, "demo")


def flavour(name):
    paths = glob.glob(f"/usr/lib/*/openblas-{name}")
    return {"LD_LIBRARY_PATH": paths[0]} if paths else sys.exit(f"no OpenBLAS {name}")


BLAS = {
    "wheel": ([os.path.join(VENV, "bin/python")], {}),
    "pthread": (["/usr/bin/python3"], flavour("pthread")),
    "openmp": (["/usr/bin/python3"], flavour("openmp")),
}

# name: command after the interpreter (or a program of its own), environment
SEED = {"N": "1200", "ITEMS": "12"}
DECOMPOSE = os.path.join(HERE, "decompose.py")
# About two seconds of one core each.
SIZES = {"eig": ("256", "96"), "svd": ("400", "96"), "inv": ("1000", "48")}
CASES = {
    "inv, Pool(6)": ([f"{DEMO}/pool_6x6.py"], {**SEED, "POOL": "6"}),
    "inv, Pool(2)": ([f"{DEMO}/pool_6x6.py"], {**SEED, "POOL": "2"}),
    "inv, Pool(1)": ([f"{DEMO}/pool_6x6.py"], {**SEED, "POOL": "1"}),
    "C inv, 6 workers": (None, {}),
    "eig, ThreadPool(4)": ([os.path.join(HERE, "threads.py")], {"POOL": "4", "ITEMS": "96"}),
    "phases": ([os.path.join(HERE, "phases.py")], {}),
    "tail": ([os.path.join(HERE, "tail.py")], {}),
}
for op, (size, items) in SIZES.items():
    for pool in "246":
        CASES[f"{op} {size}, Pool({pool})"] = (
            [DECOMPOSE], {"OP": op, "N": size, "ITEMS": items, "POOL": pool})
INVERT = [os.path.join(BUILD, "demo/invert"), "-n", "1200", "-i", "48", "-p", "6"]


def command(case, blas, way, longer):
    args, extra = CASES[case]
    if "ITEMS" in extra:
        extra = {**extra, "ITEMS": str(longer * int(extra["ITEMS"]))}
    interpreter, env = BLAS[blas]
    env = {**os.environ, **env, **extra, "RATION_CORES": ""}
    line = INVERT if args is None else interpreter + args
    if args is None:
        env["OPENBLAS_NUM_THREADS"] = env["OMP_NUM_THREADS"] = "6"
    if way == "hand":
        # The seed's other program; the others take the environment as it is.
        line = [a.replace("pool_6x6", "pool_6x1") for a in line]
        env["OPENBLAS_NUM_THREADS"] = env["OMP_NUM_THREADS"] = "1"
    if way in BUILDS:
        line = [os.path.join(BUILDS[way], "ration"), "-n", str(budget()), "--"] + line
    return line, env


def budget():
    return min(len(os.sched_getaffinity(0)), 64)


def measure(case, blas, way, longer):
    line, env = command(case, blas, way, longer)
    watch = [os.path.join(BUILD, "demo/watch"), "-b", str(budget()), "--"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(watch + line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True, timeout=600)
    if run.returncode != 0:
        sys.exit(f"{' '.join(line)}: status {run.returncode}\n{run.stderr}")
    last = run.stderr.strip().splitlines()[-1]
    values = dict(item.split("=") for item in last[last.index("wall_s="):].split())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**{name: float(value) for name, value in values.items()}, "cpu_s": cpu_s}


def compare(case, blas, ways, turns, longer):
    runs = {way: [] for way in ways}
    for turn in range(turns):
        for way in (ways if turn % 2 == 0 else reversed(ways)):
            runs[way].append(measure(case, blas, way, longer))
    base = runs["hand" if "hand" in ways else ways[0]]
    for way in ways:
        ratio = [r["wall_s"] / b["wall_s"] for r, b in zip(runs[way], base)]
        cpu = [r["cpu_s"] / b["cpu_s"] for r, b in zip(runs[way], base)]
        ideal = [r["wall_s"] * budget() / b["cpu_s"] for r, b in zip(runs[way], base)]
        print(f"{case:<20}{blas:<9}{way:<9}"
              f"{statistics.median(r['wall_s'] for r in runs[way]):8.2f}"
              f"{statistics.median(ratio):8.2f}{statistics.median(cpu):8.2f}"
              f"{statistics.median(ideal):10.2f}"
              f"{statistics.median(r['r_mean'] for r in runs[way]):8.1f}"
              f"{statistics.median(r['r_p95'] for r in runs[way]):6.0f}"
              f"{statistics.median(r['wait_per_run'] for r in runs[way]):8.2f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    options.add_argument("-t", "--turns", type=int, default=5)
    options.add_argument("-c", "--case", action="append", help="part of a name; all by default")
    options.add_argument("-b", "--blas", action="append", choices=BLAS)
    options.add_argument("-l", "--longer", type=int, default=1, help="times as many items")
    options.add_argument("-w", "--way", action="append", choices=["without", "hand", "with"])
    options.add_argument("-o", "--other", metavar="BUILD")
    chosen = options.parse_args()
    ways = chosen.way or ["without", "hand", "with"]
    if chosen.other:
        BUILDS["other"] = chosen.other
        ways = [*ways, "other"]
    print(f"budget {budget()}, {chosen.turns} turns; medians; ratio: wall to by hand, turn by turn")
    heads = {"wall s": 8, "ratio": 8, "CPU": 8, "to_ideal": 10, "R mean": 8, "p95": 6, "wait": 8}
    print(" " * 38 + "".join(f"{head:>{width}}" for head, width in heads.items()))
    for case in CASES:
        if chosen.case and not any(part in case for part in chosen.case):
            continue
        for blas in chosen.blas or BLAS:
            if case.startswith("C ") and blas == "wheel":
                continue
            compare(case, blas, ways, chosen.turns, chosen.longer)


if __name__ == "__main__":
    main()
