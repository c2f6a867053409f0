#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Two commands of one user, each a pool of two, under one budget of two cores. How fast each is
against one that is alone, how many threads run, and how soon the other has its speed back when one
ends. `two.py SECONDS` is one of the commands: it prints when each product was done.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

BUILD = os.environ.get("BUILD", os.path.join(os.path.dirname(__file__), "../build"))
VENV = os.environ.get("VENV", os.path.join(os.path.dirname(__file__), "../build/venv"))
BUDGET, ALONE_S, LONG_S, SHORT_S, TURNS = 2, 4, 8, 4, 5
WINDOW_S = 0.1


def work(seconds):
    import numpy as np

    a, done = np.random.rand(500, 500), []
    until = time.time() + seconds
    while time.time() < until:
        a @ a
        done.append(time.time())
    return done


def command(seconds):
    line = [os.path.join(BUILD, "ration"), "-n", str(BUDGET), "--",
            os.path.join(VENV, "bin/python"), os.path.abspath(__file__), str(seconds)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, text=True)


def read(started):
    done = sorted(json.loads(started.communicate()[0]))
    assert started.returncode == 0
    return done


def rate(done, begin, end):
    return sum(begin <= moment < end for moment in done) / (end - begin)


def running(pids):
    """Threads in state R of those processes and their children, now."""
    count = 0
    for pid in subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True,
                              check=True).stdout.splitlines():
        pid, parent = map(int, pid.split())
        if pid not in pids and parent not in pids:
            continue
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/stat") as stat:
                    count += stat.read().rsplit(")", 1)[1].split()[0] == "R"
        except (FileNotFoundError, ProcessLookupError):
            pass
    return count


def turn():
    alone = read(command(ALONE_S))
    speed = rate(alone, alone[0] + 0.5, alone[-1])
    longer = command(LONG_S)
    time.sleep(1)
    shorter = command(SHORT_S)
    time.sleep(1)
    seen = []
    for _ in range(40):
        time.sleep(0.02)
        seen.append(running([longer.pid, shorter.pid]))
    short, long = read(shorter), read(longer)
    both = short[0] + 0.5, short[-1]
    back = next(t / 100 for t in range(1000)
                if rate(long, short[-1] + t / 100, short[-1] + t / 100 + WINDOW_S) > 0.9 * speed)
    return rate(long, *both) / speed, rate(short, *both) / speed, max(seen), back


def main():
    turns = [turn() for _ in range(TURNS)]
    columns = [statistics.median(column) for column in zip(*turns)]
    print(f"two commands of Pool(2), budget {BUDGET}, medians of {TURNS}: "
          f"speed {columns[0]:.2f} and {columns[1]:.2f} of alone, "
          f"at most {max(t[2] for t in turns)} threads running, "
          f"full speed {columns[3] * 1000:.0f} ms after the other's last product")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with multiprocessing.Pool(2) as pool:
            print(json.dumps(sum(pool.map(work, [float(sys.argv[1])] * 2, chunksize=1), [])))
    else:
        main()
