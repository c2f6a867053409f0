#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Phases of 1, 2 and 4 workers, with the parent computing in between."""

import multiprocessing

import numpy as np

N = 1000


def multiply(count):
    a = np.random.default_rng(count).random((N, N))
    for _ in range(count):
        a @ a


if __name__ == "__main__":
    for _ in range(2):
        for workers in (1, 2, 4):
            multiply(8)
            with multiprocessing.Pool(workers) as pool:
                pool.map(multiply, [24 // workers] * workers, chunksize=1)
