# SPDX-License-Identifier: MIT
"""
What a victim can tell about the copies of OpenBLAS it carries. Counts are read where the library
keeps them, past every function that the shim could answer for.
"""
import ctypes
import os
import re
import time


class Copy:
    """One loaded OpenBLAS."""

    def __init__(self, path):
        self.path = path
        self.lib = ctypes.CDLL(path)
        self.number = self.variable("blas_cpu_number")
        self.threads = self.variable("blas_num_threads")

    def variable(self, name):
        """None: it does not show it."""
        try:
            return ctypes.c_int.in_dll(self.lib, name)
        except ValueError:
            return None

    def function(self, base):
        """The function of that name, whatever prefix and suffix its builder chose."""
        for name in (f"{p}{base}{s}" for p in ("scipy_", "") for s in ("64_", "")):
            if hasattr(self.lib, name):
                return getattr(self.lib, name), name.endswith("64_")
        raise AttributeError(f"{base} in {self.path}")

    def now(self):
        """Threads of the next call, or of the one that has just ended; 0: it does not show them."""
        return self.number.value if self.number else 0

    def pool(self):
        """The most that it can use without starting more."""
        return self.threads.value

    def set(self, threads):
        self.function("openblas_set_num_threads")[0](threads)

    def get(self):
        return self.function("openblas_get_num_threads")[0]()

    def long_call(self, matrix, columns):
        """One call, of seconds, whose threads never wait for one another: quick on few cores."""
        import numpy as np

        trsm, wide = self.function("cblas_dtrsm")
        count = ctypes.c_int64 if wide else ctypes.c_int
        size, b = len(matrix), np.zeros((columns, len(matrix)))
        # column major, left, lower, as it is, diagonal as given: B := inv(A) B
        trsm(102, 141, 122, 111, 131, count(size), count(columns), ctypes.c_double(1),
             matrix.ctypes.data_as(ctypes.c_void_p), count(size),
             b.ctypes.data_as(ctypes.c_void_p), count(size))
        return b


def copies():
    """All that are loaded, in the order of their addresses."""
    with open("/proc/self/maps") as maps:
        paths = [line.split()[-1] for line in maps]
    return [Copy(p) for p in dict.fromkeys(paths) if re.search(r"/[^/]*openblas[^/]*[.]so", p)
            and "openblas" in os.path.basename(p)]


def copy():
    """The one of numpy: nothing else that carries one is loaded."""
    [one] = copies()
    return one


def tasks(pid="self"):
    """Threads, less those on their way out (PF_EXITING, of proc(5)'s flags): one that has been
    joined is listed for another moment, or for longer where it has to wait for a CPU."""
    count = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/stat") as stat:
                count += not int(stat.read().rsplit(")", 1)[1].split()[6]) & 4
        except (FileNotFoundError, ProcessLookupError):
            pass
    return count


def cpu_ns(pid):
    """What each thread has run so far."""
    used = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as stat:
                used[task] = int(stat.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return used


def computing(pids, least_ns=3e8):
    """How many threads of each process use CPU time: looked at until each process has used some."""
    before = [cpu_ns(pid) for pid in pids]
    while True:
        time.sleep(0.1)
        after = [cpu_ns(pid) for pid in pids]
        used = [[now[t] - was.get(t, 0) for t in now] for was, now in zip(before, after)]
        if all(sum(process) > least_ns for process in used):
            return [sum(ns > 1e6 for ns in process) for process in used]
