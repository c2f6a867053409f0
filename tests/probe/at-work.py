# SPDX-License-Identifier: MIT
"""
at-work.py SECONDS START WORKERS OP SIZE [EVENTS]: so many workers (fork, spawn) or threads (thread)
call OP for so long. With EVENTS, one of them is stopped now and then, another one is killed and
begun anew, and each starts programs while it calls. (A fork in the middle of a call of another
thread hangs with OpenBLAS alone, which then waits for its own workers.)
"""
import multiprocessing
import os
import random
import signal
import sys
import threading
import time

seconds, start, workers = float(sys.argv[1]), sys.argv[2], int(sys.argv[3])
op, size = sys.argv[4:6]
events = len(sys.argv) > 6


def maker(n):
    import numpy as np
    a = np.random.default_rng(1).random((n, n)) + n * np.eye(n)
    if op == "numexpr":
        import numexpr
        x = np.random.default_rng(1).random(n * n)
        return lambda: numexpr.evaluate("sin(x) * cos(x) + x", {"x": x})
    if op == "distances":
        from sklearn.metrics import pairwise_distances_argmin
        x = np.random.default_rng(1).random((n, 20))
        return lambda: pairwise_distances_argmin(x, x)
    return {"inv": lambda: np.linalg.inv(a), "solve": lambda: np.linalg.solve(a, a[0]),
            "cholesky": lambda: np.linalg.cholesky(a + a.T), "svd": lambda: np.linalg.svd(a),
            "eigh": lambda: np.linalg.eigvalsh(a + a.T), "matmul": lambda: a @ a}[op]


def starts(end):
    while time.time() < end:
        time.sleep(random.uniform(0.2, 0.8))
        os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)


def work(end, together=None):
    call = maker(int(size))
    if together:
        together.wait()
    if events and op not in ("numexpr", "distances") and start != "thread":
        threading.Thread(target=starts, args=(end,), daemon=True).start()
    while time.time() < end:
        call()


def disturb(crew, begin, end):
    while time.time() < end - 2:
        time.sleep(random.uniform(0.3, 1))
        one = random.randrange(len(crew))
        if random.random() < 0.7:
            os.kill(crew[one].pid, signal.SIGSTOP)
            time.sleep(random.uniform(0.05, 0.6))
            os.kill(crew[one].pid, signal.SIGCONT)
        else:
            crew[one].kill()
            crew[one].join()
            crew[one] = begin()


if __name__ == "__main__":
    end = time.time() + seconds
    if start == "thread":
        # Who comes while a long call has all cores is one thread more than they are: ration(7).
        together = threading.Barrier(workers)
        crew = [threading.Thread(target=work, args=(end, together)) for _ in range(workers)]
        for one in crew:
            one.start()
    else:
        context = multiprocessing.get_context(start)

        def begin():
            one = context.Process(target=work, args=(end,))
            one.start()
            return one
        crew = [begin() for _ in range(workers)]
        if events:
            disturb(crew, begin, end)
    for one in crew:
        one.join()
