# SPDX-License-Identifier: MIT
"""
shared.py START HOW WORKERS: so many workers (fork or spawn) or threads (thread) call HOW all the
time (matmul, eig of numpy, scipy, ctypes). Prints how many threads compute, seen from outside: in
each worker, sorted, once that has been the same twice; then in the first, when the others are gone.
"""
import multiprocessing
import sys
import threading
import time

import numpy as np

import blas

start, how, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])


def call():
    a = np.random.default_rng(1).random((500, 500))
    if how == "scipy":
        import scipy.linalg
    while True:
        if how == "matmul":
            a @ a
        elif how == "scipy":
            scipy.linalg.blas.dgemm(1.0, a, a)
        elif how == "eig":
            np.linalg.eigvals(a)
        else:
            blas.copies()[0].long_call(a, 4000)


def settled(pids, wanted=3):
    """What was seen so often in a row, or what is seen at last."""
    last, times = None, 0
    for _ in range(100):
        now = sorted(blas.computing(pids), reverse=True)
        times = times + 1 if now == last else 1
        last = now
        if times == wanted:
            break
    return last


if __name__ == "__main__":
    if start == "thread":
        for _ in range(workers):
            threading.Thread(target=call, daemon=True).start()
        print(sys.stdin.readline(), end="")
        sys.exit()
    context = multiprocessing.get_context(start)
    crew = [context.Process(target=call) for _ in range(workers)]
    for worker in crew:
        worker.start()
    print(*settled([worker.pid for worker in crew]), flush=True)
    for worker in crew[1:]:
        worker.kill()
        worker.join()
    time.sleep(0.2)
    print(*settled([crew[0].pid]))
    crew[0].kill()
    crew[0].join()
