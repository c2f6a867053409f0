#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
suites.py [-n BUDGET] [PACKAGE|FOLDER]...: the tests that libraries bring themselves, run by pytest
without ration and under it: the same tests pass, fail and are skipped. A test with two outcomes is
run again, alone, in both ways: some depend on time or on their neighbours. One that remains is run
once more with one BLAS thread in both ways: if its outcomes are the same then, it compares bits
that depend on the number of threads (ration(7), The same results), and is told as such. Ends with 1
if there is another. Its Python is the one that runs it, and needs pytest.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
SUITES = ["scipy.linalg", "scipy.sparse.linalg", "scipy.optimize", "sklearn.cluster",
          "sklearn.ensemble", "sklearn.neighbors", "sklearn.linear_model", "sklearn.decomposition",
          "sklearn.metrics", "sklearn.manifold", "sklearn.mixture", "sklearn.svm", "sklearn.utils"]
AGAIN = 3
ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def outcomes(file):
    """{test: passed, failed, skipped} of a JUnit file."""
    found = {}
    for case in xml.parse(file).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        kind = "failed" if kinds & {"failure", "error"} else \
            "skipped" if "skipped" in kinds else "passed"
        found[f"{case.get('classname')}::{case.get('name')}"] = kind
    return found


def run(under, where, folder, only=(), more=()):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("OMP_", "OPENBLAS_", "MKL_", "RATION_", "_RATION_"))}
    env = {**env, **dict(more), "RATION_CONF": ""}
    file = os.path.join(folder, "junit.xml")
    line = [*under, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
            f"--junitxml={file}", *(only or where)]
    begun = time.monotonic()
    ended = subprocess.run(line, cwd=folder, env=env, stdout=subprocess.PIPE, check=False,
                           stderr=subprocess.STDOUT, text=True)
    if ended.returncode not in (0, 1):
        sys.exit(f"pytest ended with {ended.returncode}\n{ended.stdout[-2000:]}")
    return outcomes(file), time.monotonic() - begun


def named(test, where):
    """The arguments of pytest that choose this test."""
    classes, name = test.split("::")
    function = name.split("[")[0]
    return [*where, "-k", f"{function} and {classes.split('.')[-1]}"]


def compare(test, pair, under, where, folder):
    """Its two outcomes, after several looks at those that differ, and whether one thread cures."""
    only = named(test, where)
    for _ in range(AGAIN):
        if pair[0] != pair[1]:
            pair = [run(how, where, folder, only)[0].get(test, "absent") for how in ([], under)]
    if pair[0] == pair[1]:
        return pair, False
    alike = [run(how, where, folder, only, ONE)[0].get(test, "absent") for how in ([], under)]
    return pair, alike == [pair[0]] * 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2, metavar="BUDGET")
    parser.add_argument("suites", nargs="*", default=SUITES)
    options = parser.parse_args()
    under = [os.path.join(BUILD, "ration"), "-n", str(options.n)]
    worse = rounded = 0
    for suite in options.suites:
        where = [os.path.abspath(suite)] if os.path.isdir(suite) else ["--pyargs", suite]
        with tempfile.TemporaryDirectory(prefix="ration-suites.") as folder:
            alone, alone_s = run([], where, folder)
            ours, ours_s = run(under, where, folder)
            for test in sorted(alone.keys() | ours.keys()):
                pair = alone.get(test, "absent"), ours.get(test, "absent")
                pair, rounds = compare(test, pair, under, where, folder)
                if pair[0] != pair[1]:
                    worse += not rounds
                    rounded += rounds
                    print(f"# {test}: without {pair[0]}, under ration {pair[1]}"
                          + (", with one thread the same" if rounds else ""), flush=True)
        kinds = [sum(kind == which for kind in ours.values())
                 for which in ("passed", "failed", "skipped")]
        print(f"{suite}: {kinds[0]} passed, {kinds[1]} failed, {kinds[2]} skipped; "
              f"{alone_s:.0f} s without, {ours_s:.0f} s under ration", flush=True)
    print(f"{worse} with another outcome, and {rounded} that compare bits")
    return worse > 0


if __name__ == "__main__":
    sys.exit(main())
