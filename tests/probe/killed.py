# SPDX-License-Identifier: MIT
"""
killed.py REAP: eleven workers compute; ten are killed in the middle of a call. Says what the last
one has before, how soon it has all six cores, by the CPU clock of its thread (others may have the
CPUs), and what the ledger then knows. With REAP no, the dead stay zombies, as under a parent that
does not look.
"""
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14

WORKERS, SOON_S = 11, 0.2
share = multiprocessing.RawArray("i", WORKERS)
grown_s = multiprocessing.RawValue("d")
killed, over = multiprocessing.RawValue("i"), multiprocessing.RawValue("i")


def work(number):
    a, copy, since = np.random.rand(300, 300), blas.copy(), 0
    while not over.value:
        a @ a
        share[number] = copy.now()
        if killed.value and not since:
            since = time.thread_time()
        if since and share[number] == 6 and not grown_s.value:
            grown_s.value = time.thread_time() - since + 1e-9


def rows():
    """Alive and dead, as the ledger has them."""
    said = subprocess.run([os.environ["ROWS"], os.environ["_RATION_LEDGER"]],
                          stdout=subprocess.PIPE, text=True).stdout
    return said.count(" alive "), said.count(" dead ")


def segments():
    """Of shared memory, in all processes together: a ledger is one."""
    ids = set()
    for pid in [os.getpid()] + [worker.pid for worker in crew]:
        with open(f"/proc/{pid}/maps") as maps:
            ids |= {line.split()[4] for line in maps if "/SYSV" in line}
    return len(ids)


def wait(seconds, done):
    """A guard only: what is not there by then is missing in what we say."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)


crew = [multiprocessing.Process(target=work, args=(i,)) for i in range(WORKERS)]
for worker in crew:
    worker.start()
wait(10, lambda: all(now == 1 for now in share))
print("before:", *share, "rows", *rows(), "segments", segments())
for worker in crew[1:]:
    os.kill(worker.pid, signal.SIGKILL)
killed.value = 1
if sys.argv[1] == "yes":
    for worker in crew[1:]:
        worker.join()
wait(10, lambda: grown_s.value)
took = grown_s.value
print("after:", share[0], "soon" if 0 < took <= SOON_S else f"in {took:.3f} s")
wait(2, lambda: rows() == (2, 0))
print("rows", *rows())
over.value = 1
for worker in crew:
    worker.join()
