# SPDX-License-Identifier: MIT
"""
stopped.py ROUNDS: of two workers one is stopped by SIGSTOP at some moment, and goes on later. Says
how many times of ROUNDS the other had all six cores meanwhile, and both had three afterwards.
"""
import multiprocessing
import os
import signal
import sys
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14

share = multiprocessing.RawArray("i", 2)
over = multiprocessing.RawValue("i")


def work(number):
    a, copy = np.random.rand(200, 200), blas.copy()
    while not over.value:
        a @ a
        share[number] = copy.now()


def soon(wanted):
    """Of those that run, within five seconds: a share is divided anew every 20 ms."""
    deadline = time.monotonic() + 5
    while list(share)[:len(wanted)] != wanted and time.monotonic() < deadline:
        time.sleep(0.001)
    return list(share)[:len(wanted)] == wanted


crew = [multiprocessing.Process(target=work, args=(i,)) for i in range(2)]
for worker in crew:
    worker.start()
lent, back, rounds = 0, 0, int(sys.argv[1])
print("both", soon([3, 3]))
for i in range(rounds):
    time.sleep(0.0007 * i)
    os.kill(crew[1].pid, signal.SIGSTOP)
    lent += soon([6])
    os.kill(crew[1].pid, signal.SIGCONT)
    back += soon([3, 3])
over.value = 1
for worker in crew:
    worker.join()
print(f"lent {lent} of {rounds}, back {back} of {rounds}")
