#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
fuzz.py [-k PART]... [-s SECONDS] [--more]: each program of table.py, while another process gives
it a share at random every 0.2 ms (tests/probe/shake.c), until its gates have met a thousand
changes, where it has gates. All that it computes has to be what it computes undisturbed. Alone and,
where it has them, in forked children and threads. Prints TAP; results go to
BUILD/tests/matrix/fuzz, for report.py.
"""
import argparse
import json
import os
import signal
import sys
import time

from matrix import keep, tell, totals
from run import PROBE, Reference, run
from table import ABOVE, BUDGET, BUILD, VENV, programs

CHANGES, TURN_S, LONG_S, MODES = 1000, 3, 20, ("alone", "fork", "threads")


def shake(ledger):
    return [os.path.join(PROBE, "shake"), ledger, str(BUDGET), "say"]


def turn(program, mode, reference, record, seconds=TURN_S):
    """One run of some seconds. Returns what was wrong with it."""
    # torch believes its own count of cores, whatever its variables say: it is asked.
    ask = BUDGET if "torch" in program.name else 0
    outcome = run(program, mode, ask, ABOVE, seconds=seconds, more={"RATION_DEBUG": "1"},
                  meanwhile=shake)
    noticed = sum(" share " in f" {line.split(': ', 1)[-1]}" and "was" in line
                  for line in outcome.said.splitlines())
    record["noticed"] += noticed
    record["changes"] += int(outcome.beside or 0)
    record["results"] += len(outcome.results)
    if outcome.status is None:
        return "hangs"
    if outcome.status != 0 or not outcome.results:
        return f"status {outcome.status}\n{outcome.said[-2000:]}"
    wrong = [set(reference.differs(result)) for result in outcome.results]
    record["differing"] += sum(bool(names) for names in wrong)
    names = sorted(set().union(*wrong))
    return "differs: " + ", ".join(names) if names else ""


def each(program, seconds, before):
    reference = Reference(program)
    record = before or {"name": program.name, "changes": 0, "noticed": 0, "results": 0,
                        "differing": 0, "problems": []}
    if reference.problem:
        tell(False, f"{program.name}: undisturbed", reference.problem)
        return record
    until = time.monotonic() + seconds
    for mode in reversed(MODES):
        if mode in program.without:
            continue
        problem = turn(program, mode, reference, record)
        while not problem and mode == MODES[0] and not enough(program, record) \
                and time.monotonic() < until:
            problem = turn(program, mode, reference, record, LONG_S)
        if problem:
            record["problems"].append(f"{mode}: {problem.splitlines()[0]}")
        tell(not problem, f"{program.name}: {mode}, shares at random", problem)
    tell(enough(program, record), f"{program.name}: {record['changes']} changes, "
         f"{record['noticed']} noticed")
    return record


def enough(program, record):
    return min(record["changes"], record["noticed"] if program.follows() else CHANGES) >= CHANGES


def kept(program):
    """What the last run came to, for --more to add to; None, if something was wrong."""
    try:
        with open(os.path.join(BUILD, "tests/matrix/fuzz", program.name + ".json")) as file:
            record = json.load(file)
            return None if record["problems"] else record
    except FileNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", action="append", default=[], metavar="PART", help="of a name")
    parser.add_argument("-s", type=float, default=90, metavar="SECONDS", help="a program, at most")
    parser.add_argument("--more", action="store_true", help="until what was had before is enough")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for program in programs():
        if options.k and not any(k in program.name for k in options.k):
            continue
        before = kept(program) if options.more else None
        if before and enough(program, before):
            continue
        if program.venv == VENV or os.path.exists(program.venv):
            keep(each(program, options.s, before), "fuzz")
    return totals()


if __name__ == "__main__":
    sys.exit(main())
