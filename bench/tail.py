#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two workers, with 4 and with 36 matrix products: the cores of the first to end are free."""

import multiprocessing
import os

import numpy as np

N = int(os.environ.get("N", 1500))
WORK = [int(n) for n in os.environ.get("WORK", "4 36").split()]


def multiply(count):
    a = np.random.default_rng(count).random((N, N))
    for _ in range(count):
        a @ a


if __name__ == "__main__":
    workers = [multiprocessing.Process(target=multiply, args=(count,)) for count in WORK]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
