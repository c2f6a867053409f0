# SPDX-License-Identifier: MIT
"""
steady.py FILE: short calls until FILE has come. Says how many threads they had, each number that
stood for a third of a second, as it comes.
"""
import collections
import os
import sys
import time

import numpy as np

import blas


def steady(goes_on, tell=None):
    a, copy = np.random.rand(200, 200), blas.copy()
    since = time.monotonic()
    last, stood, calls = 0, [], collections.Counter()
    while goes_on():
        a @ a
        if copy.now() != last:
            last, since = copy.now(), time.monotonic()
        elif time.monotonic() - since > 1 / 3 and stood[-1:] != [last]:
            stood.append(last)
            if tell:
                tell(last)
        calls[last] += 1
        time.sleep(0.01)  # the machine has fewer CPUs than it claims
    return calls.most_common(1)[0][0]


def for_seconds(seconds):
    end = time.monotonic() + seconds
    return steady(lambda: time.monotonic() < end)


if __name__ == "__main__":
    steady(lambda: not os.path.exists(sys.argv[1]), lambda last: print(last, flush=True))
