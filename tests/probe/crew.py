# SPDX-License-Identifier: MIT
"""
crew.py HOW FOLDER: two workers, begun by HOW (fork, forkserver, spawn: a pool of that kind;
executor: a ProcessPoolExecutor as this Python begins it; interpreters: of one process), call until
both have looked how many threads they have. Prints these, and what both computed.
"""
import concurrent.futures
import multiprocessing
import os
import sys
import time

import numpy as np

import blas


def work(number, folder):
    a, copy = np.ones((200, 200)), blas.copy()
    seen = begun = None
    open(os.path.join(folder, f"begun-{number}"), "w").close()
    while len(os.listdir(folder)) < 4:
        b = a @ a
        if not begun and len(os.listdir(folder)) > 1:
            begun = time.monotonic()
        if begun and not seen and time.monotonic() > begun + 1:
            seen = copy.now()
            open(os.path.join(folder, f"seen-{number}"), "w").close()
    return seen, float(b[0, 0])


def main():
    how, folder = sys.argv[1:]
    if how == "executor":
        pool = concurrent.futures.ProcessPoolExecutor(2)
    elif how == "interpreters":
        pool = concurrent.futures.InterpreterPoolExecutor(2)
    else:
        pool = concurrent.futures.ProcessPoolExecutor(
            2, mp_context=multiprocessing.get_context(how))
    with pool:
        seen = [task.result() for task in [pool.submit(work, i, folder) for i in range(2)]]
    print(*sorted(threads for threads, _ in seen), *{value for _, value in seen})


if __name__ == "__main__":
    main()
