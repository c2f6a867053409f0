# SPDX-License-Identifier: MIT
"""
results.py COUNT: three threads compute while someone else changes the share of this process at
random (shake.c). COUNT of each operation, against the matrix it began with or an undisturbed run.
Prints how many were wrong, and how many different numbers of threads there were.
"""
import sys
import threading

import numpy as np
import scipy.linalg

import blas

SIZES = (96, 160, 224, 288)
count = int(sys.argv[1])


def well(n):
    """Symmetric, positive definite, and so far from singular that rounding stays small."""
    a = np.random.default_rng(n).standard_normal((n, n))
    return a @ a.T / n + np.eye(n)


def eigh(a):
    w, v = np.linalg.eigh(a)
    return w, (v * w) @ v.T


def svd(a):
    u, s, v = np.linalg.svd(a)
    return s, (u * s) @ v


def lu(a):
    p, l, u = scipy.linalg.lu(a)
    return l, u, p @ l @ u


operations = {
    "inv": lambda a: (np.linalg.inv(a),),
    "solve": lambda a: (np.linalg.solve(a, a[:, :40] + 1),),
    "eigh": eigh,
    "svd": svd,
    "lu": lu,
    "cholesky": lambda a: (np.linalg.cholesky(a),),
}
matrices = {n: well(n) for n in SIZES}
# Undisturbed: nobody has met the ledger yet, and there is one thread.
for copy in blas.copies():
    copy.set(1)
wanted = {(name, n): op(matrices[n]) for name, op in operations.items() for n in SIZES}
for copy in blas.copies():
    copy.set(64)

done, wrong, threads = {}, {}, set()
lock = threading.Lock()


def compute(name):
    n = SIZES[done[name] % len(SIZES)]
    got = operations[name](matrices[n])
    right = all(np.allclose(g, w, rtol=1e-7, atol=1e-7) for g, w in zip(got, wanted[name, n]))
    with lock:
        done[name] += 1
        wrong[name] += not right
        threads.add(blas_numpy.now())


def work(first):
    names = list(operations)
    names = names[first:] + names[:first]
    while any(done[name] < count for name in names):
        for name in names:
            compute(name)


blas_numpy = blas.copies()[0]
for name in operations:
    done[name], wrong[name] = 0, 0
crew = [threading.Thread(target=work, args=(2 * i,)) for i in range(3)]
for thread in crew:
    thread.start()
for thread in crew:
    thread.join()
for name in operations:
    print(name, wrong[name], "wrong" if done[name] >= count else f"of {done[name]} only")
print("threads", *sorted(threads))
