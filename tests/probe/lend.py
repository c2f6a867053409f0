# SPDX-License-Identifier: MIT
"""
lend.py WORKERS STAYERS HOW: so many workers make short calls, until all but the stayers end (HOW is
end) or rest (rest), and until they, or as many new ones, are back. Says each time what those who
call are granted once that stands still, and how long after the last had left the first line of the
new shares was seen complete, in ms, on standard error.
"""
import multiprocessing
import sys
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14

WORK, REST, END = range(3)


def work(worker):
    a, copy = np.random.rand(200, 200), blas.copy()
    while orders[worker] != END:
        if orders[worker] == REST:
            noted[worker] = 0
            time.sleep(0.01)
        else:
            a @ a
            noted[worker] = copy.now()
            time.sleep(0.01)  # the machine has fewer CPUs than it claims
    noted[worker] = 0


def start(which):
    for worker in which:
        orders[worker] = WORK
        crew[worker] = multiprocessing.Process(target=work, args=(worker,))
        crew[worker].start()


def settled(which, others=()):
    """What they have once it has been the same for half a second, and since when."""
    while any(noted[worker] for worker in others):
        time.sleep(0.001)
    left = since = time.monotonic()
    last = None
    while time.monotonic() - since < 0.5 or 0 in last:
        now = sorted((noted[worker] for worker in which), reverse=True)
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.001)
    return last, since - left


workers, stayers, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
everyone, stay, leave = range(workers), range(stayers), range(stayers, workers)
noted, orders = multiprocessing.RawArray("i", workers), multiprocessing.RawArray("i", workers)
crew = {}
start(everyone)
print(*settled(everyone)[0], flush=True)
for worker in leave:
    orders[worker] = END if how == "end" else REST
if how == "end":
    for worker in leave:
        crew[worker].join()
shares, seconds = settled(stay, leave)
print(*shares, flush=True)
print(f"{seconds * 1000:.0f} ms", file=sys.stderr)
if how == "end":
    start(leave)
else:
    for worker in leave:
        orders[worker] = WORK
print(*settled(everyone)[0], flush=True)
for worker in everyone:
    orders[worker] = END
    crew[worker].join()
    assert crew[worker].exitcode == 0
