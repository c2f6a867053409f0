# SPDX-License-Identifier: MIT
"""
busy.py HOW PERIODS [STAT]: numpy, for so many periods of 100 ms; Pool: by a pool that sizes itself,
one: by this process alone. Says how many workers there were, how many threads each call had, of how
many periods after start-up its group was throttled in how many, and how long, all CPUs together: by
STAT, the group's cpu.stat, or that of its own group of cgroup v2.
"""
import multiprocessing
import sys
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14


def own_stat():
    with open("/proc/self/cgroup") as file:
        return f"/sys/fs/cgroup{file.read().strip().split(':')[2]}/cpu.stat"


def counted():
    with open(stat_path) as file:
        stat = dict(line.split() for line in file)
    us = int(stat.get("throttled_usec") or int(stat["throttled_time"]) / 1000)
    return int(stat["nr_periods"]), int(stat["nr_throttled"]), us


def work(worker):
    a, copy, start = np.random.rand(300, 300), blas.copy(), time.monotonic()
    while time.monotonic() < start + seconds + 3:
        a @ a
        threads[worker] = copy.now()
        if worker == 0 and not before[0] and time.monotonic() > start + 2:
            before[:] = counted()
        if worker == 0 and before[0] and time.monotonic() < start + seconds + 2:
            after[:] = counted()


seconds = int(sys.argv[2]) / 10
stat_path = sys.argv[3] if len(sys.argv) > 3 else own_stat()
before, after = multiprocessing.RawArray("l", 3), multiprocessing.RawArray("l", 3)
threads = multiprocessing.RawArray("i", 64)
if sys.argv[1] == "Pool":
    with multiprocessing.Pool() as pool:
        workers = pool._processes
        pool.map(work, range(workers), chunksize=1)
else:
    workers = 1
    work(0)
of, times, us = (b - a for a, b in zip(before, after))
each = sorted(set(threads[:workers]))
print(f"{workers} workers of {' or '.join(map(str, each))}, "
      f"throttled in {times} of {of} periods, for {us / 1000:.0f} ms")
