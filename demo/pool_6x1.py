#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Invert random matrices: 6 processes, each told to use 1 BLAS thread."""

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import multiprocessing
import sys
import time

import numpy as np

N = int(os.environ.get("N", 1200))
ITEMS = int(os.environ.get("ITEMS", 48))
POOL = int(os.environ.get("POOL", 6))


def invert(item):
    rng = np.random.default_rng(item)
    a = rng.random((N, N))
    inverse = np.linalg.inv(a)
    x = rng.random(N)
    return np.linalg.norm(a @ (inverse @ x) - x) / np.linalg.norm(x)


if __name__ == "__main__":
    start = time.time()
    worst = 0.0
    with multiprocessing.Pool(POOL) as pool:
        for done, error in enumerate(pool.imap_unordered(invert, range(ITEMS)), 1):
            if not error < 1e-6:
                sys.exit(f"wrong inverse: error {error}")
            worst = max(worst, error)
            print(f"\r{done}/{ITEMS}", end="", flush=True)
    print(f"\r{ITEMS} matrices of {N} x {N} in {time.time() - start:.2f} s, error {worst:.1e}")
