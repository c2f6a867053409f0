# SPDX-License-Identifier: MIT
"""
steady.py SECONDS [FILE]: short calls for so long; for so long again after FILE has come, if there
is one. Says how many threads they had, one number for each
that stood for a third of a second.
"""
import collections
import os
import sys
import time

import numpy as np

import blas


def steady(seconds, file=None):
    a, copy = np.random.rand(200, 200), blas.copy()
    begun = since = time.monotonic()
    last, stood, calls = 0, [], collections.Counter()
    while file or time.monotonic() - begun < seconds:
        if file and os.path.exists(file):
            file, begun = None, time.monotonic()
        a @ a
        if copy.now() != last:
            last, since = copy.now(), time.monotonic()
        elif time.monotonic() - since > 1 / 3 and stood[-1:] != [last]:
            stood.append(last)
        calls[last] += 1
        time.sleep(0.01)  # the machine has fewer CPUs than it claims
    return stood, calls.most_common(1)[0][0]


if __name__ == "__main__":
    print(*steady(float(sys.argv[1]), *sys.argv[2:])[0])
