#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many small decompositions in a pool of threads: one process, several callers of BLAS at once."""

import os
from multiprocessing.pool import ThreadPool

from decompose import ITEMS, decompose

if __name__ == "__main__":
    with ThreadPool(int(os.environ.get("POOL", 4))) as pool:
        assert len(pool.map(decompose, range(ITEMS), chunksize=1)) == ITEMS
