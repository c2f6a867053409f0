#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What threads of OpenBLAS burn while they wait for work, and what it costs to have them sleep sooner:
OPENBLAS_THREAD_TIMEOUT=k has them spin for 2^k cycles. Programs whose calls last a millisecond, a
tenth of a second and two seconds, with a pause of a fifth of that after each, alone and beside a
second one that is the same, under one budget of all CPUs.

spin.py [-t TURNS] [-k "28 20 18 14"] [-c OP]...: medians, and of wall and CPU time the ratio to the
second k, turn by turn. `spin.py OP SIZE CALLS PAUSE_MS` is one of the programs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

BUILD = os.environ.get("BUILD", os.path.join(os.path.dirname(__file__), "../build"))
VENV = os.environ.get("VENV", os.path.join(os.path.dirname(__file__), "../build/venv"))
# Operation and size, calls a run, and the pause after each in ms, as of two cores of 2026.
CALLS = {"inv": [(200, 600, 0.3), (1100, 20, 20), (3300, 1, 0)],
         "matmul": [(280, 1200, 0.2), (1300, 20, 20), (3900, 1, 0)]}


def work(op, size, calls, pause_ms):
    import numpy as np

    a = np.random.default_rng(1).random((size, size)) + size * np.eye(size)
    call = {"inv": lambda: np.linalg.inv(a), "matmul": lambda: a @ a}[op]
    call()
    for _ in range(calls):
        call()
        # What a program does between two calls: it computes, without BLAS.
        until = time.perf_counter() + pause_ms / 1000
        while time.perf_counter() < until:
            pass


def run(k, beside, *program):
    """Seconds from begin to end, and of CPU."""
    line = [os.path.join(BUILD, "ration"), "--fence=never", "--", os.path.join(VENV, "bin/python"),
            os.path.abspath(__file__), *map(str, program)]
    environment = {**os.environ, "OPENBLAS_THREAD_TIMEOUT": str(k), "RATION_CONF": ""}
    before, begin = os.times(), time.monotonic()
    started = [subprocess.Popen(line, env=environment) for _ in range(1 + beside)]
    for one in started:
        if one.wait() != 0:
            sys.exit(f"{line}: exit {one.returncode}")
    wall, after = time.monotonic() - begin, os.times()
    return wall, after[2] + after[3] - before[2] - before[3]


def compare(names, turns, beside, *program):
    seen = {k: [] for k in names}
    for turn in range(turns):
        for k in names if turn % 2 == 0 else reversed(names):
            seen[k].append(run(k, beside, *program))
    base = seen[names[1]] if len(names) > 1 else seen[names[0]]
    for k in names:
        wall, cpu = (statistics.median(column) for column in zip(*seen[k]))
        ratios = [statistics.median(one[i] / other[i] for one, other in zip(seen[k], base))
                  for i in (0, 1)]
        print(f"{program[0]:7} {program[1]:5} {'beside' if beside else 'alone':7} {k:3} "
              f"{wall:7.2f} {ratios[0]:7.2f} {cpu:7.2f} {ratios[1]:7.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-t", type=int, default=5)
    parser.add_argument("-k", default="28 20 18 14")
    parser.add_argument("-c", action="append", choices=CALLS)
    options = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, {options.t} turns, load {os.getloadavg()[0]:.1f}")
    print("                        k  wall s   ratio   CPU s   ratio")
    for op in options.c or CALLS:
        for size, calls, pause_ms in CALLS[op]:
            for beside in (False, True):
                compare(options.k.split(), options.t, beside, op, size, calls, pause_ms)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] in CALLS:
        work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    else:
        main()
