# SPDX-License-Identifier: MIT
"""
api.py BUDGET [say]: what a program sets through functions of the library, by ctypes and by
threadpoolctl, and what it reads back; how many threads calls then have, or the budget if that is
less. Prints what is not as it should be; with "say", what it is.
With a budget of 64, the most that any build of OpenBLAS here knows, it is as without ration.
"""
import sys
import time

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

import blas

budget, say = int(sys.argv[1]), sys.argv[2:] == ["say"]
copy = blas.copy()
a = np.random.rand(200, 200)


def used():
    """
    By the last of several calls: a raised wish is heard in the next round. They last by the clock
    of this thread, as beside other load a single call may take longer than a round.
    """
    begun, calls = time.thread_time(), 0
    while time.thread_time() - begun < 0.06 or calls < 10:
        a @ a
        calls += 1
    return copy.now() if not say else min(copy.now(), budget)


def expect(what, got, wanted):
    if say:
        print(f"{what}: {got}")
    elif got != wanted:
        print(f"{what}: {got}, not {wanted}")


def pools():
    [pool] = [pool for pool in threadpool_info() if pool["internal_api"] == "openblas"]
    return pool["num_threads"]


def hold(what, wish, get=copy.get):
    """The program reads its wish, before calls that get less and after, there by both ways."""
    expect(f"{what}, before calls", get(), wish)
    expect(f"{what}: used", used(), min(wish, budget))
    expect(f"{what}, after calls: get", copy.get(), wish)
    expect(f"{what}, after calls: threadpoolctl", pools(), wish)


begun_with = copy.get()
expect("at first: used", used(), begun_with)
for wish in (3, 1, 2, budget, min(budget + 5, 64), 1, 3):
    copy.set(wish)
    hold(f"set {wish}", wish)
with threadpool_limits(2):
    hold("limits(2)", 2, pools)
    with threadpool_limits(5):
        hold("limits(5) in limits(2)", 5, pools)
        with threadpool_limits(1):
            hold("limits(1) in limits(5)", 1, pools)
        hold("limits(5) again", 5, pools)
    hold("limits(2) again", 2, pools)
hold("after all limits", 3, pools)
with threadpool_limits(1, user_api="blas"):
    hold("limits(1)", 1, pools)
hold("again", 3, pools)
copy.set(1)
for _ in range(5):
    hold("set 1 stays 1", 1)
print("done")
