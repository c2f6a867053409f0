#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
matrix.py [-k PART]... [--quick] [--more]: each program of table.py in each mode with each wish,
under ration. A cell passes if it ends in time, if what was computed is what the undisturbed program
computes (bit by bit where that is the same with any number of threads, else to rounding), and if
no more threads ran, but in 5 % of the time, than the budget, or one a guest.
Prints TAP, and keeps the results in BUILD/tests/matrix/results, for report.py.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

from run import OVER, Reference, bound_of, run
from table import ABOVE, BUILD, CALL, MODES, VENV, WISHES, programs

TRIES = 3  # for the number of running threads alone
count = failed = 0


def tell(ok, name, why=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    lines = why.strip().splitlines()
    for line in lines[:2] + lines[2:][-10:]:
        print(f"# {line}", flush=True)


def totals():
    print(f"1..{count}")
    print(f"# {count - failed} passed, {failed} failed")
    return failed > 0


def versions(program):
    kind, *names = program.versions.split()
    if kind == "dpkg":
        line = ["dpkg-query", "-W", "-f", "${Package} ${Version}\\n", *names]
        text = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        return ", ".join(text.split("\n")[:-1])
    code = "import importlib.metadata as m, sys; " \
           "print(', '.join(n + ' ' + m.version(n) for n in sys.argv[1:]))"
    line = [os.path.join(program.venv, "bin/python"), "-c", code, *names]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def judge(outcome, bound, reference):
    """What is wrong with a run, or nothing; and whether that is a matter of counting only."""
    if outcome.status is None:
        return "hangs", False
    if outcome.status != 0 or not outcome.results:
        return f"status {outcome.status}", False
    wrong = sorted(set().union(*map(reference.differs, outcome.results)))
    if wrong:
        return "differs: " + ", ".join(wrong), False
    over = outcome.seen["over"]
    return f"more than {bound} running threads in {100 * over:.0f} % of the time" \
        if over > OVER else "", True


def cell(program, mode, wish, reference):
    threads = {"above": ABOVE, "one": 1}.get(wish, 0)
    bound = bound_of(program, mode, wish)
    for tries in range(1, TRIES + 1):
        outcome = run(program, mode, CALL if wish == "call" else 0, threads, bound)
        problem, counted = judge(outcome, bound, reference)
        if not problem or not counted:
            break
    why = f"{problem}\n{outcome.said}" if problem else ""
    tell(not problem, f"{program.name}: {mode}, {wish}", why)
    return {"mode": mode, "wish": wish, "problem": problem, "bound": bound, "tries": tries,
            **outcome.seen}


def whether_it_forks(program):
    """What becomes of it undisturbed, when it forks after a team of two."""
    outcome = run(program, "fork", threads=2, shares=False, cpus=2, limit_s=15, seconds=0)
    return {None: "hangs", 0: "works"}.get(outcome.status, f"status {outcome.status}")


def kept(program):
    """What passed in the last run, for --more."""
    try:
        with open(os.path.join(BUILD, "tests/matrix/results", program.name + ".json")) as file:
            return {(c["mode"], c["wish"]): c for c in json.load(file)["cells"]
                    if not c["problem"]}
    except FileNotFoundError:
        return {}


def each(program, quick, more):
    record = {"name": program.name, "control": program.control,
              "versions": "" if quick else versions(program),
              "without": program.without, "own": program.own, "hands": program.hands,
              "cells": []}
    before = kept(program) if more else {}
    record["cells"] += before.values()
    reference = Reference(program)
    tell(not reference.problem, f"{program.name}: undisturbed", reference.problem)
    if reference.problem:
        return record
    record["exact"], record["rounds"] = reference.exact, reference.rounds
    if not quick and "fork" not in program.without:
        record["fork"] = whether_it_forks(program)
    for mode in program.quick if quick else MODES:
        for wish in ("none",) if quick else WISHES:
            if mode in program.without or wish in program.without:
                continue
            if (mode, wish) not in before:
                record["cells"].append(cell(program, mode, wish, reference))
            if not quick:
                keep(record, "results")
    return record


def keep(record, kind):
    """A file for each program: its latest run."""
    folder = os.path.join(BUILD, "tests/matrix", kind)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, record["name"] + ".json"), "w") as file:
        json.dump({**record, "when": time.strftime("%Y-%m-%d")}, file, indent=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", action="append", default=[], metavar="PART", help="of a name")
    parser.add_argument("--quick", action="store_true", help="the cross-section of make check")
    parser.add_argument("--more", action="store_true", help="not what has passed before")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = [p for p in programs() if not options.k or any(k in p.name for k in options.k)]
    if options.list:
        sys.exit("\n".join(p.name for p in chosen))
    for program in chosen:
        if options.quick and not program.quick:
            continue
        if program.venv != VENV and not os.path.exists(program.venv):
            print(f"# {program.name}: not run, TORCH=wheel brings it", flush=True)
            continue
        each(program, options.quick, options.more)
    return totals()


if __name__ == "__main__":
    sys.exit(main())
