#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
lending.py [-t TURNS] [-b BUILD] [-m fork|spawn] [WHAT]...: two workers of a pool, one with a
quarter of the other's work, under a budget of two. Who ends first leaves a core; what the other
makes of it depends on whether its runtime may still be told.

Seconds of the whole, medians of interleaved turns: one thread each by hand, two each by hand (more
than the budget, for the first quarter), with ration, and with that of another build (-b): before
a change. RUNTIMES_PYTHON names a Python with the libraries.
"""
import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
PYTHON = os.environ.get("RUNTIMES_PYTHON", sys.executable)
SHORT, LONG = 1, 4


def pool(what, method):
    """Run by each way, as its own program, by the Python that has the libraries."""
    from guest import MODULES, ROUNDS, task

    for module in MODULES.get(what, []):
        __import__(module)
    context = multiprocessing.get_context(method)
    begun = time.monotonic()
    workers = [context.Process(target=task, args=((what, 0, ROUNDS[what] * rounds),))
               for rounds in (SHORT, LONG)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(0 if any(w.exitcode for w in workers) else time.monotonic() - begun)


def seconds(under, threads, what, method):
    env = {k: v for k, v in os.environ.items() if "_THREADS" not in k}
    if threads:
        env["OMP_NUM_THREADS"] = env["OPENBLAS_NUM_THREADS"] = str(threads)
    line = [*under, PYTHON, __file__, "-p", "-m", method, what]
    took = float(subprocess.run(line, env=env, stdout=subprocess.PIPE, check=True).stdout)
    if not took:
        sys.exit(f"{line}: a worker failed")
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-t", type=int, default=3, metavar="TURNS")
    parser.add_argument("-b", metavar="BUILD", help="another build of ration")
    parser.add_argument("-m", choices=["fork", "spawn"], default="fork", metavar="METHOD")
    parser.add_argument("-p", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("what", nargs="*", default=["histgb", "kmeans", "xgboost", "lightgbm"])
    options = parser.parse_args()
    if options.p:
        return pool(options.what[0], options.m)
    ways = {"one each": ([], 1), "two each": ([], 2),
            "ration": ([os.path.join(BUILD, "ration"), "-n", "2"], 0)}
    if options.b:
        ways["before"] = ([os.path.join(options.b, "ration"), "-n", "2"], 0)
    for what in options.what:
        took = {way: [] for way in ways}
        for _ in range(options.t):
            for way, (under, threads) in ways.items():
                took[way].append(seconds(under, threads, what, options.m))
        print(f"{what}, {options.m}: " + ", ".join(
            f"{way} {statistics.median(values):.2f} s" for way, values in took.items()),
            flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
