# SPDX-License-Identifier: MIT
"""
wide.py: a parent that computes before, beside and after a pool, on a machine with many CPUs.
Prints the most threads that BLAS had in the parent, and in any worker: those it uses, those it
could use at once, and those the kernel counts.
"""
import multiprocessing

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14

a = np.random.rand(200, 200)


def call(_):
    copy = blas.copy()
    seen = []
    for _ in range(30):
        a @ a
        seen.append((copy.now(), copy.pool(), blas.tasks()))
    return [max(column) for column in zip(*seen)]


print("parent", *call(0))
with multiprocessing.Pool(4) as pool:
    beside = pool.map_async(call, range(8), chunksize=1)
    # Three threads of Pool's own are not of BLAS.
    used, could, tasks = call(0)
    print("parent", used, could, tasks - 3)
    print("workers", *(max(column) for column in zip(*beside.get())))
    pool.close()
    pool.join()
print("parent", *call(0))
