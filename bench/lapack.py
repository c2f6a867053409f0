#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
A Pool whose workers call LAPACK, which keeps its number of threads for a whole call, on a claimed
machine of -b CPUs: running threads (state R, counted from outside) and seconds.

lapack.py [-t TURNS] [-b CPUS] [-p WORKERS] [-l TASKS] [-o BUILD] OP SIZE...: in turn
  hand    the same number of threads for each worker, as a variable can say it
  split   by hand as well, the rest of the division for the first of them: all CPUs are in use
  even    ration with as many cores as hand uses
  ration  ration with all of them
  other   the same by another build
Medians; ratio: wall to by hand, turn by turn. `lapack.py work ...` is one of the programs.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys

BUILD = os.environ.get("BUILD", os.path.join(os.path.dirname(__file__), "../build"))
VENV = os.environ.get("VENV", os.path.join(os.path.dirname(__file__), "../build/venv"))


def set_threads(cpus, workers):
    """The fair part of one worker of this Pool."""
    import threadpoolctl

    index = multiprocessing.current_process()._identity[0] - 1
    threadpoolctl.threadpool_limits(cpus // workers + (index < cpus % workers))


def task(op, size, seed):
    import numpy as np

    a, b = (np.random.RandomState(seed + more).rand(size, size) for more in (0, 99))
    {"inv": np.linalg.inv, "cholesky": lambda m: np.linalg.cholesky(m @ m.T + size * np.eye(size)),
     "solve": lambda m: np.linalg.solve(m, b[:, 0]), "matmul": lambda m: m @ b}[op](a)


def work(op, size, workers, tasks, split):
    import numpy  # noqa: F401  # in the parent, as programs have it

    extra = {"initializer": set_threads, "initargs": (split, workers)} if split else {}
    with multiprocessing.get_context("fork").Pool(workers, **extra) as pool:
        pool.starmap(task, [(op, size, seed) for seed in range(tasks)], chunksize=1)


def measure(way, op, size, options):
    fake = os.path.join(BUILD, "tests/probe/libfake.so")
    each = options.b // options.p
    env = {**os.environ, "RATION_CONF": "", "FAKE_CPUS": str(options.b), "LD_PRELOAD": fake,
           "OPENBLAS_THREAD_TIMEOUT": options.k}
    line = [os.path.join(VENV, "bin/python"), os.path.abspath(__file__), "work", op, size,
            str(options.p), str(options.l), str(options.b if way == "split" else 0)]
    if way == "hand":
        env["OPENBLAS_NUM_THREADS"] = str(each)
    elif way != "split":
        build = options.o if way == "other" else BUILD
        # The claimed machine lies behind the shim.
        line = [os.path.join(build, "ration"), "--fence=never", "-n",
                str(each * options.p if way == "even" else options.b), "env",
                f"LD_PRELOAD={os.path.abspath(build)}/libration.so:{fake}", *line]
    run = subprocess.run([os.path.join(BUILD, "demo/watch"), "-b", str(options.b), "--", *line],
                         env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"{' '.join(line)}: status {run.returncode}\n{run.stderr}")
    last = run.stderr.strip().splitlines()[-1]
    return {name: float(value) for name, value in
            (item.split("=") for item in last[last.index("wall_s="):].split())}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-t", type=int, default=7, metavar="TURNS")
    parser.add_argument("-b", type=int, default=16, metavar="CPUS")
    parser.add_argument("-p", type=int, default=5, metavar="WORKERS")
    parser.add_argument("-l", type=int, default=15, metavar="TASKS")
    parser.add_argument("-k", default="8", help="OPENBLAS_THREAD_TIMEOUT")
    parser.add_argument("-o", metavar="BUILD")
    parser.add_argument("-w", default="hand split even ration", help="the ways")
    parser.add_argument("op", choices=["inv", "cholesky", "solve", "matmul"])
    parser.add_argument("sizes", nargs="+")
    options = parser.parse_args()
    ways = options.w.split() + ["other"] * bool(options.o)
    print(f"Pool({options.p}) of {options.op}, {options.b} CPUs claimed, {os.cpu_count()} there; "
          f"load {os.getloadavg()[0]:.1f}\n"
          " size  way      wall s   ratio  R mean   p95, least to most")
    for size in options.sizes:
        seen = {way: [] for way in ways}
        for turn in range(options.t):
            for way in ways if turn % 2 == 0 else reversed(ways):
                seen[way].append(measure(way, options.op, size, options))
        for way in ways:
            ratio = [run["wall_s"] / base["wall_s"] for run, base in zip(seen[way], seen[ways[0]])]
            print(f"{size:>5}  {way:7}{statistics.median(r['wall_s'] for r in seen[way]):8.2f}"
                  f"{statistics.median(ratio):8.2f}"
                  f"{statistics.median(r['r_mean'] for r in seen[way]):8.1f}  ",
                  *sorted(int(run["r_p95"]) for run in seen[way]), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        main()
