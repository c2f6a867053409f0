#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
exec.py LIBRARY [ROUNDS]: a shell that runs /bin/true again and again, with an empty preloaded
library and with this one, by turns; the ratio of each pair of rounds, and their median: of seconds,
and of CPU seconds, which other load disturbs less.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

LOOP = "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done"


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), usage.ru_utime + usage.ru_stime


def cost(library):
    begun = spent()
    subprocess.run(["/bin/sh", "-c", LOOP], env={"LD_PRELOAD": library}, check=True)
    return [now - before for now, before in zip(spent(), begun)]


def main():
    ours, rounds = os.path.abspath(sys.argv[1]), int((sys.argv + ["20"])[2])
    with tempfile.TemporaryDirectory() as folder:
        empty = folder + "/empty.so"
        subprocess.run(["cc", "-shared", "-nostdlib", "-xc", "/dev/null", "-o", empty], check=True)
        pairs = []
        for i in range(rounds):
            costs = {library: cost(library) for library in ((empty, ours), (ours, empty))[i % 2]}
            pairs.append([with_us / without
                          for with_us, without in zip(costs[ours], costs[empty])])
    for what, ratios in zip(("seconds", "CPU seconds"), zip(*pairs)):
        print(what, *(f"{ratio:.3f}" for ratio in sorted(ratios)),
              f"median {statistics.median(ratios):.3f}")


main()
