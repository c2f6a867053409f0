#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
surplus.py [-n POOL]... [WORKERS]...: what a forked child has of its parent's pool of OpenBLAS that
it does not use. It sets the number (1 and 2 by default), and makes one product.

A line each for NumPy as it comes, with its OpenBLAS closed and stripped, both under ration, and
undisturbed: threads of the child; CPU of its first product and of half a second after it; CPU of
the least and of the middle one of its workers; address space and memory that it has more than
before. VENV names the Python, BUILD the build. The machine claims as many CPUs as the pool has
threads.
"""
import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
PYTHON = os.path.join(os.environ.get("VENV", os.path.join(ROOT, "build/venv")), "bin/python")
FAKE = os.path.join(BUILD, "tests/probe/libfake.so")
COPY = """
import glob, os, shutil, subprocess, sys, numpy
here = os.path.dirname(os.path.dirname(numpy.__file__))
for name in ("numpy", "numpy.libs"):
    shutil.copytree(os.path.join(here, name), os.path.join(sys.argv[1], name))
[library] = glob.glob(os.path.join(sys.argv[1], "numpy.libs/libscipy_openblas*"))
subprocess.run([sys.executable, sys.argv[2], library], check=True)
"""
VICTIM = """
import os, sys, time
import numpy as np
import blas

def status():
    with open("/proc/self/status") as lines:
        of = dict(line.split(":", 1) for line in lines)
    return [int(of[name].split()[0]) / 1024 for name in ("VmSize", "VmRSS")]

a, copy = np.random.rand(300, 300), blas.copy()
a @ a
if os.fork() == 0:
    before, cpu = status(), time.process_time()
    copy.set(int(sys.argv[1]))
    a @ a
    time.sleep(0.3)
    first, more = time.process_time() - cpu, [b - a for a, b in zip(before, status())]
    workers = sorted(ns / 1e6 for task, ns in blas.cpu_ns("self").items()
                     if int(task) != os.getpid())
    cpu = time.process_time()
    time.sleep(0.5)
    idle = time.process_time() - cpu
    least, middle = (workers[0], workers[len(workers) // 2]) if workers else (0, 0)
    print(f"{blas.tasks():>8}{1e3 * first:>8.1f}{1e3 * idle:>8.1f}{least:>8.2f}{middle:>8.2f}"
          f"{more[0]:>8.0f}{more[1]:>8.1f}", flush=True)
    os._exit(0)
os.wait()
"""


def run(pool, workers, modules, disturbed):
    env = {k: v for k, v in os.environ.items() if "_THREADS" not in k}
    env.update(PYTHONPATH=os.pathsep.join([*modules, os.path.join(ROOT, "tests/probe")]),
               FAKE_CPUS=str(pool), LD_PRELOAD=FAKE, NUMPY_MADVISE_HUGEPAGE="0")
    under = [os.path.join(BUILD, "ration"), "-n", str(pool), "env",
             f"LD_PRELOAD={BUILD}/libration.so:{FAKE}"] if disturbed else []
    return subprocess.run([*under, PYTHON, "-W", "ignore", "-c", VICTIM, str(workers)], env=env,
                          stdout=subprocess.PIPE, check=True, text=True).stdout.rstrip()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, action="append", metavar="POOL")
    parser.add_argument("workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    print(f"{'':<14}{'pool':>6}{'set':>5}{'threads':>8}{'first':>8}{'idle':>8}{'least':>8}"
          f"{'middle':>8}{'VM':>8}{'RSS':>8}   ms, MB")
    with tempfile.TemporaryDirectory() as stripped:
        close = os.path.join(ROOT, "tests/probe/close.py")  # strip(1) of Debian 12 spoils the file
        subprocess.run([PYTHON, "-c", COPY, stripped, close], check=True)
        for pool in options.n or [6, 64]:
            for workers in options.workers:
                for way, modules in (("as it comes", []), ("stripped", [stripped]),
                                     ("undisturbed", [])):
                    print(f"{way:<14}{pool:>6}{workers:>5}"
                          + run(pool, workers, modules, way != "undisturbed"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
