# SPDX-License-Identifier: MIT
"""
guest.py JOB MODE ASK SECONDS OUT: a Python program of the matrix. Computes JOB (jobs.py) as MODE
says, each process or thread at least three times and for SECONDS, after asking the library for ASK
threads (0: does not). What came out goes to OUT: {digest: [times it came out, {name: array}]}.

alone; fork and spawn: a pool of three, with the parent computing before and after; loky: the same
by joblib; subprocesses: three of "alone" at once; threads: three of a ThreadPool.
"""
import hashlib
import multiprocessing
import multiprocessing.pool
import pickle
import subprocess
import sys
import threading
import time

from jobs import jobs

WORKERS = 3
name, mode, ask, seconds, out = sys.argv[1:6]
ask, seconds = int(ask), float(seconds)
job = None


def digest(arrays):
    text = hashlib.sha256()
    for key in sorted(arrays):
        text.update(f"{key} {arrays[key].dtype} {arrays[key].shape}".encode())
        text.update(arrays[key].tobytes())
    return text.hexdigest()


def work(_=0, least=3):
    """In a forked child the job is its parent's."""
    global job
    results, since = {}, time.monotonic()
    if job is None:
        job = jobs[name]()
    main = threading.current_thread() is threading.main_thread()
    if ask and (main or getattr(job, "in_threads", True)):
        job.ask(ask)
    done = 0
    while done < least or time.monotonic() - since < seconds:
        arrays = job.compute()
        results.setdefault(digest(arrays), [0, arrays])[0] += 1
        done += 1
    return results


def merge(parts):
    merged = {}
    for part in parts:
        for key, (times, arrays) in part.items():
            merged.setdefault(key, [0, arrays])[0] += times
    return merged


def with_pool(context):
    first = work()
    with multiprocessing.get_context(context).Pool(WORKERS) as pool:
        parts = pool.map(work, range(WORKERS), chunksize=1)
        pool.close()
        pool.join()
    return [first, *parts, work()]


def with_loky():
    import joblib

    first = work()
    parts = joblib.Parallel(WORKERS, backend="loky")(
        joblib.delayed(in_loky)(sys.argv, i) for i in range(WORKERS))
    return [first, *parts, work()]


def in_loky(arguments, number):
    """A worker of loky does not import this file as a program: it needs to be told all."""
    import importlib

    sys.argv = arguments
    return importlib.import_module("guest").work(number)


def with_subprocesses():
    parts = [f"{out}.{i}" for i in range(WORKERS)]
    alone = [subprocess.Popen([sys.executable, __file__, name, "alone", str(ask), str(seconds), p])
             for p in parts]
    statuses = [process.wait() for process in alone]
    if any(statuses):
        sys.exit(f"subprocesses ended with {statuses}")
    results = []
    for part in parts:
        with open(part, "rb") as file:
            results.append(pickle.load(file))
    return results


def with_threads():
    first = work()
    with multiprocessing.pool.ThreadPool(WORKERS) as pool:
        return [first, *pool.map(work, range(WORKERS), chunksize=1), work()]


def main():
    ways = {"alone": lambda: [work()], "fork": lambda: with_pool("fork"),
            "spawn": lambda: with_pool("spawn"), "loky": with_loky,
            "subprocesses": with_subprocesses, "threads": with_threads}
    results = merge(ways[mode]())
    with open(out, "wb") as file:
        pickle.dump(results, file)


if __name__ == "__main__":
    main()
