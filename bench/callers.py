#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
callers.py [-s SECONDS] [-k CALLERS]... [-w WAY]... [WHAT]...: threads of one process that call BLAS
at once, on a machine that claims 16 CPUs, with a budget of 8: how many threads are at work.

undisturbed: OpenBLAS told 8, as one would hold the program to the budget; one: told 1; ration.
Counts (state R, from outside), as p50 and p95 of the time, and the CPU time of an item. Seconds
would say what this machine is, which has not as many CPUs as it claims. WHAT: eig, svd, small
(products of 200), large (products of 1400). VENV names the Python.
"""
import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
PYTHON = os.path.join(os.environ.get("VENV", os.path.join(ROOT, "build/venv")), "bin/python")
CLAIMED, BUDGET = "16", "8"
FAKE = os.path.join(BUILD, "tests/probe/libfake.so")
VICTIM = """
import sys, threading, time
import numpy as np
what, callers, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
size = {"eig": 256, "svd": 250, "small": 200, "large": 1400}[what]
a = np.random.default_rng(1).random((size, size))
call = {"eig": np.linalg.eig, "svd": np.linalg.svd}.get(what) or (lambda a: a @ a)
items, end = [0] * callers, time.monotonic() + seconds

def work(which):
    while time.monotonic() < end:
        call(a)
        items[which] += 1

crew = [threading.Thread(target=work, args=(i,)) for i in range(callers)]
for thread in crew:
    thread.start()
for thread in crew:
    thread.join()
print(sum(items))
"""


def run(what, callers, way, seconds):
    watch = [os.path.join(BUILD, "demo/watch"), "-b", BUDGET]
    env = {k: v for k, v in os.environ.items() if "_THREADS" not in k}
    env.update(FAKE_CPUS=CLAIMED, OPENBLAS_THREAD_TIMEOUT="8", NUMPY_MADVISE_HUGEPAGE="0")
    under = [f"LD_PRELOAD={FAKE}"]
    if way == "ration":
        env["LD_PRELOAD"] = FAKE
        under = [f"LD_PRELOAD={BUILD}/libration.so:{FAKE}"]
    else:
        env["OPENBLAS_NUM_THREADS"] = BUDGET if way == "undisturbed" else "1"
    with tempfile.NamedTemporaryFile("r") as seen:
        line = [*watch, "-s", seen.name, "--", PYTHON, "-c", VICTIM, what, str(callers),
                str(seconds)]
        if way == "ration":
            line = [os.path.join(BUILD, "ration"), "-n", BUDGET, "env", *under, *line]
        else:
            line = ["env", *under, *line]
        items = int(subprocess.run(line, env=env, stdout=subprocess.PIPE, check=True).stdout)
        values = dict(pair.split("=") for pair in seen.read().split())
    return values["r_p50"], values["r_p95"], 1e3 * float(values["run_s"]) / items


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", type=float, default=4, metavar="SECONDS")
    parser.add_argument("-k", type=int, action="append", metavar="CALLERS")
    parser.add_argument("-w", action="append", choices=["undisturbed", "one", "ration"])
    parser.add_argument("what", nargs="*", default=["eig", "small", "large"])
    options = parser.parse_args()
    ways = options.w or ["undisturbed", "one", "ration"]
    print("threads at work, p50 p95, and CPU ms of an item\n")
    print(f"{'':<8}{'callers':>8}" + "".join(f"{way:>20}" for way in ways))
    for what in options.what:
        for callers in options.k or range(2, int(BUDGET) + 1):
            seen = [run(what, callers, way, options.s) for way in ways]
            print(f"{what:<8}{callers:>8}" + "".join(
                f"{f'{p50} {p95} {ms:8.1f}':>20}" for p50, p95, ms in seen), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
