# SPDX-License-Identifier: MIT
"""
pool.py HOW WORKERS CALLS [LOOKS]: a pool as anyone writes it. HOW is Pool (map) or Process (bare
ones). CALLS is short: each worker makes many calls, and notes how many threads the last one had;
or long: each is inside its first call, of many seconds, when the parent counts, from outside, the
threads that compute; then they are killed. Prints a number for each worker, sorted: what was seen
most often in so many looks, one in 10 ms.
"""
import collections
import multiprocessing
import sys
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14


def short(worker):
    a, copy = np.random.rand(200, 200), blas.copy()
    while not over.value:
        a @ a
        noted[worker] = copy.now()


def long(_):
    blas.copy().long_call(matrix, 30000)


def look(crew):
    """What was seen most of the time: on a crowded machine a worker can be away for a moment."""
    seen = collections.Counter()
    if calls is long:
        while any(sum(blas.cpu_ns(worker.pid).values()) < 3e8 for worker in crew):
            time.sleep(0.05)
        return sorted(blas.computing([worker.pid for worker in crew]), reverse=True)
    while 0 in noted:
        time.sleep(0.01)
    for _ in range(int(sys.argv[4]) if len(sys.argv) > 4 else 60):
        time.sleep(0.01)
        seen[tuple(sorted(noted, reverse=True))] += 1
    over.value = 1
    return seen.most_common(1)[0][0]


def with_pool():
    with multiprocessing.Pool(workers) as pool:
        ended = pool.map_async(calls, range(workers), chunksize=1)
        seen = look(multiprocessing.active_children())
        assert calls is short or not ended.ready()
        pool.close() if calls is short else pool.terminate()
        pool.join()
    return seen


def with_processes():
    crew = [multiprocessing.Process(target=calls, args=(i,)) for i in range(workers)]
    for worker in crew:
        worker.start()
    seen = look(crew)
    for worker in crew:
        if calls is long:
            assert worker.is_alive()
            worker.kill()
        worker.join()
    return seen


how, workers, calls = sys.argv[1], int(sys.argv[2]), globals()[sys.argv[3]]
noted, over = multiprocessing.RawArray("i", workers), multiprocessing.RawValue("i")
matrix = np.eye(3000) + 0
print(*with_pool() if how == "Pool" else with_processes())
