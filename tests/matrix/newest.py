#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
newest.py [-k PART]...: a cross-section of the matrix on what PyPI has today (make newest): each
program of table.py that is a wheel, in a pool (forked, or spawned where it does not work forked)
and in threads. A program whose newest release does not work undisturbed is told, and not counted:
that is nothing of ours.
"""
import argparse
import sys

import matrix
from run import Reference
from table import BUDGET, VENV, programs

COUNTS = (1, 2, BUDGET)


def modes(program):
    yield "spawn" if "fork" in program.without else "fork"
    if "threads" not in program.without:
        yield "threads"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", action="append", default=[], metavar="PART", help="of a name")
    options = parser.parse_args()
    for program in programs():
        if not program.versions.startswith("pip ") or program.venv != VENV \
                or options.k and not any(k in program.name for k in options.k):
            continue
        print(f"# {program.name}: {matrix.versions(program)}", flush=True)
        reference = Reference(program, COUNTS)
        if reference.problem:
            print(f"# {program.name}: not counted: {reference.problem.splitlines()[0]}", flush=True)
            continue
        for mode in modes(program):
            matrix.cell(program, mode, "none", reference)
    return matrix.totals()


if __name__ == "__main__":
    sys.exit(main())
