# SPDX-License-Identifier: MIT
"""
ways.py MODE CHANGES FOLDER: numpy computes while somebody else changes its share at random
(shake.c), until the file "said" there, to which RATION_DEBUG is to lead, tells of so many changes.
MODE: alone; forked (two children that compute, and a child of each that does); threads (three).
Prints how many results were wrong.
"""
import itertools
import os
import re
import sys
import threading

import numpy as np

SIZES = (96, 160, 224)
mode, changes, said = sys.argv[1], int(sys.argv[2]), os.path.join(sys.argv[3], "said")


def well(n):
    """Symmetric, positive definite, and so far from singular that rounding stays small."""
    a = np.random.default_rng(n).standard_normal((n, n))
    return a @ a.T / n + np.eye(n)


def right(n):
    a, one = matrices[n], np.eye(n)
    values, vectors = np.linalg.eigh(a)
    return all(np.allclose(got, wanted, rtol=1e-7, atol=1e-7) for got, wanted in (
        (np.linalg.inv(a) @ a, one), (a @ np.linalg.solve(a, one), one),
        ((vectors * values) @ vectors.T, a), (np.linalg.cholesky(a).prod(), roots[n]),
        (np.linalg.svd(a)[1], values[::-1])))


def noticed():
    with open(said) as lines:
        return len(re.findall(r"share \d+, was [1-9]", lines.read()))


def compute():
    """How many were wrong."""
    wrong = 0
    for count in itertools.count():
        wrong += not right(SIZES[count % len(SIZES)])
        if count % 20 == 19 and noticed() >= changes:
            return wrong


def fork(what):
    pid = os.fork()
    if pid == 0:
        os._exit(min(what(), 255))
    return lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def threads():
    wrong = []
    crew = [threading.Thread(target=lambda: wrong.append(compute())) for _ in range(3)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return sum(wrong)


def family():
    return sum(not right(n) for n in SIZES) + fork(compute)()


matrices = {n: well(n) for n in SIZES}
roots = {n: np.linalg.cholesky(matrices[n]).prod() for n in SIZES}
if mode == "forked":
    wrong = sum(wait() for wait in [fork(family), fork(family)])
else:
    wrong = {"alone": compute, "threads": threads}[mode]()
print("wrong", wrong, "changes" if noticed() >= changes else "too few")
