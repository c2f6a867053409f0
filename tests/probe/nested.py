# SPDX-License-Identifier: MIT
"""
nested.py OUTER INNER: a pool of workers that each have a pool. What those inside
have in most of their calls.
"""
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from steady import for_seconds

outer, inner = int(sys.argv[1]), int(sys.argv[2])
forked = multiprocessing.get_context("fork")


def pool(_):
    with ProcessPoolExecutor(inner, mp_context=forked) as workers:
        return list(workers.map(for_seconds, [2] * inner))


with ProcessPoolExecutor(outer, mp_context=forked) as pools:
    print(*sorted(most for each in pools.map(pool, range(outer)) for most in each))
