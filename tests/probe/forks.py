# SPDX-License-Identifier: MIT
"""
forks.py HOW: a process that has computed with BLAS forks children that do, which upstream does
not allow for OpenMP. Each says whether its results are right.
once: a child, and its child. thread: from another thread than the one that computed.
busy: forty children, while two threads are inside BLAS, and signals arrive. These children do not
call it: of locks that a thread held at the fork OpenBLAS knows nothing in the child.
"""
import os
import signal
import sys
import threading

import numpy as np

a = np.random.default_rng(1).standard_normal((300, 300)) + 20 * np.eye(300)


def right():
    return bool(np.allclose(np.linalg.inv(a) @ a, np.eye(300), atol=1e-9))


def fork(what):
    """The child does it, and we say how that ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if what() else 1)
    return os.waitpid(pid, 0)[1] == 0


def once():
    print("parent", right(), flush=True)
    print("child", fork(right), "grandchild", fork(lambda: right() and fork(right)), flush=True)
    print("parent", right())


def busy():
    enough, wrong, alarms = threading.Event(), [], []

    def compute():
        while not enough.is_set():
            if not right():
                wrong.append("thread")

    signal.signal(signal.SIGALRM, lambda *_: alarms.append(1))
    crew = [threading.Thread(target=compute) for _ in range(2)]
    for thread in crew:
        thread.start()
    signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
    children = sum(fork(lambda: bool((a + a).sum() == 2 * a.sum())) for _ in range(40))
    signal.setitimer(signal.ITIMER_REAL, 0)
    enough.set()
    for thread in crew:
        thread.join()
    print("right children", children, "wrong", wrong, "signals", len(alarms) > 3)


def thread():
    print("parent", right(), flush=True)
    said = []
    other = threading.Thread(target=lambda: said.append((right(), fork(right))))
    other.start()
    other.join()
    print("thread and its child", *said[0], "child", fork(right))


globals()[sys.argv[1]]()
