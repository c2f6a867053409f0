#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
How OpenMP programs fare without ration, by hand and with ration, on two cores.

fork: a parent that has had a team forks a pool; by hand is one thread each (for teams of two: a
parent that has had none). cost: what a fork, a vfork, a posix_spawn takes. pools: KMeans in three
spawned workers, torch in four. small: two torch processes of two threads. order: results of
scikit-learn when torch is loaded too. region: instructions of an OpenMP region.

Ways run in turn, again and again; ratios are medians of the ratios to the run by hand of the same
turn. A Python that lacks a wheel is passed over, and says so: RUNTIMES_PYTHON and TORCH_PYTHON
name those that have them (xgboost, scikit-learn and lightgbm; torch and scikit-learn).
"""

import argparse
import contextlib
import glob
import json
import os
import re
import signal
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
VENV = os.path.abspath(os.environ.get("VENV", os.path.join(ROOT, "build/venv")))
WHEELS = os.path.abspath(os.environ.get("RUNTIMES", os.path.join(ROOT, "build/runtimes")))
GUEST = os.path.join(ROOT, "bench/guest.py")
CORES, HANGS_S = 2, 20
RATION = [os.path.join(BUILD, "ration"), "-n", str(CORES), "--"]

INTERPRETERS = {
    "wheels": (os.environ.get("RUNTIMES_PYTHON", os.path.join(VENV, "bin/python")),
               {} if "RUNTIMES_PYTHON" in os.environ else {"PYTHONPATH": WHEELS}),
    "debian": ("/usr/bin/python3", {}),
    "openmp": ("/usr/bin/python3", {"LD_LIBRARY_PATH": glob.glob("/usr/lib/*/openblas-openmp")[0]}),
    "torch": (os.environ.get("TORCH_PYTHON", "/nonexistent"), {}),
}


def start(line, env, **how):
    clean = {name: value for name, value in os.environ.items() if "_THREADS" not in name}
    return subprocess.Popen(line, env={**clean, "PYTHONDONTWRITEBYTECODE": "1", **env},
                            start_new_session=True, stdout=subprocess.PIPE, **how)


def finish(started, limit_s=600, whole=False):
    """What it printed; None if it had to be ended."""
    try:
        out = started.communicate(timeout=limit_s)[0]
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        return None
    if started.returncode != 0:
        sys.exit(f"{started.args}: status {started.returncode}")
    return out.decode() if whole else out.decode().splitlines()[-1]


def guest(python, args, way, threads):
    """One of guest.py's programs, begun: without ration, by hand (so many threads), with it."""
    interpreter, env = INTERPRETERS[python]
    wish = {"OMP_NUM_THREADS": str(threads)} if way != "with" else {}
    line = [interpreter, GUEST, *map(str, args)]
    return start((RATION if way == "with" else []) + line, {**env, **wish})


def has(python, module):
    interpreter, env = INTERPRETERS[python]
    found = os.access(interpreter, os.X_OK) and subprocess.run(
        [interpreter, "-c", f"import {module}"], env={**os.environ, **env}, check=False,
        stderr=subprocess.DEVNULL).returncode == 0
    if not found:
        print(f"  {module} is not in the Python for {python}: not run")
    return found


def same(results):
    first = results[0]
    return all(abs(r - first) <= 1e-9 * abs(first) for r in results)


def compare(name, python, args, hand, chosen):
    """By hand and with ration in turn: seconds of each, and their ratio."""
    args_of = args if callable(args) else lambda _: args
    took, results = {"hand": [], "with": []}, []
    for turn in range(chosen.turns):
        for way in ("hand", "with") if turn % 2 else ("with", "hand"):
            said = finish(guest(python, [*args_of(way), chosen.length], way, hand), 300)
            said = json.loads(said) if said else sys.exit(f"{name}: {way}: does not finish")
            took[way].append(said["s"])
            results += said["results"]
    ratio = statistics.median(w / h for w, h in zip(took["with"], took["hand"]))
    print(f"  {name:<34}{statistics.median(took['hand']):8.2f} s by hand"
          f"{statistics.median(took['with']):8.2f} s with{ratio:7.2f}"
          f"  results {'equal' if same(results) else 'DIFFER'}", flush=True)


# What each needs, and in which Python.
FORKS = {"histgb": ("wheels", "sklearn"), "lightgbm": ("wheels", "lightgbm"),
         "xgboost": ("wheels", "xgboost"), "blas": ("openmp", "numpy")}


def fork(chosen):
    print("fork after a team of two: a pool of two (teams of one), of one (a team of two)")
    for what, (python, module) in FORKS.items():
        if not has(python, module):
            continue
        for size, team in (2, 1), (1, 2):
            def args(way, size=size, team=team, what=what):
                parent = "later" if way == "hand" and team > 1 else "first"
                return ["pool", what, "fork", size, 0, parent]
            compare(f"{what}, team of {team}", python, args, team, chosen)
        bare = finish(guest(python, ["pool", what, "fork", 2, 0, "first"], "without", 2), HANGS_S)
        print(f"  {what}, without ration: {'finishes' if bare else f'hangs ({HANGS_S} s)'}")
    team = os.path.join(BUILD, "tests/probe/team")
    for way, line in ("with", RATION), ("without", []):
        for args in ["2"], ["2", "2"], ["1"]:
            begun = start([*line, team, "fork", *args], {"OMP_NUM_THREADS": "2"})
            out = finish(begun, 5, whole=True)
            said = " and ".join(sorted(set(out.splitlines()))) if out else "hangs"
            print(f"  C program, fork {' '.join(args)}, {way} ration: {said}", flush=True)


def forks(pool, how, way, times, before=()):
    line = [*before, os.path.join(BUILD, "bench/forks"), pool, how, str(times)]
    return start((RATION if way == "with" else []) + line, FLAVOUR, stderr=subprocess.STDOUT)


def forks_us(pool, how, way):
    return float(finish(forks(pool, how, way, 300)))


def forks_instructions(how, way):
    """Of the parent, for each; a fork's handlers are in the figure, the kernel is not."""
    before = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    counts = []
    for times in 20, 120:
        out = finish(forks("none", how, way, times, before), whole=True)
        counts += re.findall(r"Collected : (\d+)", out)[-1:]
    return (int(counts[1]) - int(counts[0])) / 100


FLAVOUR = {"LD_LIBRARY_PATH": glob.glob("/usr/lib/*/openblas-pthread")[0]}


def cost(chosen):
    print("us more than without ration, medians; again: with a team or a product before each fork")
    for pool in "none", "openmp", "blas":
        for how in "fork", "again", "vfork", "spawn":
            took = {"without": [], "with": []}
            for turn in range(4 * chosen.turns):
                for way in ("with", "without") if turn % 2 else ("without", "with"):
                    took[way].append(forks_us(pool, how, way))
            more = statistics.median(w - b for b, w in zip(took["without"], took["with"]))
            print(f"  {pool:<8}{how:<8}{statistics.median(took['without']):8.1f} us without"
                  f"{statistics.median(took['with']):8.1f} with{more:8.1f} more", flush=True)
    for how in "fork", "vfork", "spawn":
        print(f"  instructions of a {how}: {forks_instructions(how, 'without'):.0f} without, "
              f"{forks_instructions(how, 'with'):.0f} with", flush=True)


def pools(chosen):
    print("pools: one thread a process by hand")
    for method, size in (("spawn", 3), ("fork", 3)) if has("wheels", "sklearn") else ():
        compare(f"kmeans, {method} Pool({size})", "wheels",
                ["pool", "kmeans", method, size, 0, "later"], 1, chosen)
    for python in "debian", "torch":
        for method in ("spawn", "fork") if has(python, "torch") else ():
            compare(f"matmul, {python}, {method} Pool(4)", python,
                    ["pool", "matmul", method, 4, 0, "later"], 1, chosen)


def both(python, threads, where, way):
    """Two at the same time: operations a second, of both together, and the counts."""
    began = [guest(python, ["small", 3, threads, where], way, max(threads, 1)) for _ in range(2)]
    said = [json.loads(finish(each)) for each in began]
    return sum(s["rate"] for s in said), [s["count"] for s in said]


def small(chosen):
    print("two torch processes, small operations: speed of both to that of one thread each")
    for python in "debian", "torch":
        if not has(python, "torch"):
            continue
        cases = {"bare, two threads each": (2, "first", "without"),
                 "counts unchanged": (2, "other", "with"),
                 "safe points, two threads asked for": (2, "first", "with"),
                 "safe points": (0, "first", "with")}
        for name, (threads, where, way) in cases.items():
            ratios, counts = [], []
            for _ in range(chosen.turns if way == "with" else 1):
                hand, _ = both(python, 1, where, "hand")
                rate, counts = both(python, threads, where, way)
                ratios.append(rate / hand)
            print(f"  {python:<8}{name:<36}{statistics.median(ratios):6.3f}  counts {counts}",
                  flush=True)


def order(_):
    print("inertia of KMeans")
    modules = [("sklearn.cluster",), ("torch", "sklearn.cluster"), ("sklearn.cluster", "torch")]
    for python in "debian", "torch":
        for names in modules if has(python, "torch") and has(python, "sklearn") else ():
            said = [json.loads(finish(guest(python, ["order", *names], way, CORES)))["results"]
                    for way in ("without", "with", "with", "with")]
            told = "equal to the last digit" if all(s == said[0] for s in said) else "DIFFERS"
            print(f"  {python:<8}{', then '.join(names):<36}{said[0][0]!r} {told}", flush=True)


def region(_):
    print("instructions of a region, one thread")
    team, per = os.path.join(BUILD, "tests/probe/team"), 20000
    for way, line in ("without", []), ("with", RATION):
        counts = []
        for many in 1000, 1000 + per:
            out = subprocess.run(
                [*line, "env", "OMP_NUM_THREADS=1", "valgrind", "--tool=callgrind",
                 "--callgrind-out-file=/dev/null", team, "many", str(many)],
                capture_output=True, text=True, check=True).stderr
            counts.append(int(re.search(r"Collected : (\d+)", out)[1]))
        print(f"  {way:<8}{(counts[1] - counts[0]) / per:8.1f}")


def only(python):
    """For those who have little time: nothing is run in the others."""
    for name in INTERPRETERS:
        if name != python:
            INTERPRETERS[name] = ("/nonexistent", {})


PARTS = {f.__name__: f for f in (fork, cost, pools, small, order, region)}


def main():
    options = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    options.add_argument("-t", "--turns", type=int, default=5)
    options.add_argument("-l", "--length", type=int, default=1, metavar="N",
                         help="tasks of a pool are N times as long as about half a second")
    options.add_argument("-p", "--python", choices=INTERPRETERS)
    options.add_argument("part", nargs="*", choices=[*PARTS, []], metavar="PART")
    chosen = options.parse_args()
    if chosen.python:
        only(chosen.python)
    for part in chosen.part or PARTS:
        PARTS[part](chosen)


if __name__ == "__main__":
    main()
