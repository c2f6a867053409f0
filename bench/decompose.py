#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many small decompositions in a pool: every call is short, so every thread too many hurts."""

import multiprocessing
import os

import numpy as np

OP = os.environ.get("OP", "eig")
POOL = int(os.environ.get("POOL", 4))
ITEMS = int(os.environ.get("ITEMS", 32))
N = int(os.environ.get("N", 256))


def decompose(item):
    a = np.random.default_rng(item).random((N, N))
    return np.asarray(getattr(np.linalg, OP)(a)[0]).flat[0]


if __name__ == "__main__":
    with multiprocessing.Pool(POOL) as pool:
        assert len(pool.map(decompose, range(ITEMS), chunksize=1)) == ITEMS
