# SPDX-License-Identifier: MIT
"""
flights.py ROWS CASE: what the ledger says of a process that is in a call of seconds, when another
thread of it forks (fork), when it was stopped for a moment (stop), while another comes that has
half of the cores by right, and when the call has ended (fall). ROWS is the witness of the ledger.
"""
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np

import blas

multiprocessing.set_start_method("fork")  # the default before Python 3.14

witness, case = sys.argv[1:3]
matrix = np.eye(2000)
over = multiprocessing.Event()


def share_of(pid):
    lines = subprocess.run([witness, os.environ["_RATION_LEDGER"]], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.splitlines()
    [share] = [line.split()[4] for line in lines if line.split()[0] == str(pid)] or ["none"]
    return share


def long(columns):
    blas.copy().long_call(matrix, columns)


def short():
    a = np.random.rand(200, 200)
    while not over.is_set():
        a @ a


def then_short():
    long(10000)
    ended.set()
    short()


def await_share(pid, wanted, while_true=lambda: True):
    deadline = time.monotonic() + 20
    while share_of(pid) != wanted and while_true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return share_of(pid)


if case == "fork":
    thread = threading.Thread(target=long, args=(30000,), daemon=True)
    thread.start()
    print("in a call", await_share(os.getpid(), "6"))
    time.sleep(0.1)
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    print("after a fork", share_of(os.getpid()), thread.is_alive(), flush=True)
    os._exit(0)

ended = multiprocessing.Event()
first = multiprocessing.Process(target=then_short if case == "fall" else long,
                                args=() if case == "fall" else (30000,))
first.start()
print("in a call", await_share(first.pid, "6"))
time.sleep(0.1)
second = multiprocessing.Process(target=short)
second.start()
print("another has", await_share(second.pid, "1"), flush=True)
if case == "stop":
    time.sleep(0.2)
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(0.4)
    os.kill(first.pid, signal.SIGCONT)
    print("after a stop", share_of(first.pid), share_of(second.pid), first.is_alive())
    first.kill()
else:
    seen = set()
    while not ended.is_set():
        # One after the other: what it has before and after is what it had meanwhile.
        before, other = share_of(first.pid), share_of(second.pid)
        if share_of(first.pid) == before and not ended.is_set():
            seen.add((before, other))
        time.sleep(0.02)
    print("while it has 6", *sorted(other for own, other in seen if own == "6"))
    print("then", await_share(first.pid, "3"), await_share(second.pid, "3"))
over.set()
first.join()
second.join()
