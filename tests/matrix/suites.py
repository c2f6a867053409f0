#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
suites.py [-n BUDGET] [PACKAGE|FOLDER]...: the tests that libraries bring themselves, run by pytest
without ration and under it: the same tests pass, fail and are skipped. A test with two outcomes is
run again, alone, in both ways: some depend on time or on their neighbours. Ends with 1 if one
remains. Its Python is the one that runs it, and needs pytest.
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


def outcomes(file):
    """{test: passed, failed, skipped} of a JUnit file."""
    found = {}
    for case in xml.parse(file).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        kind = "failed" if kinds & {"failure", "error"} else \
            "skipped" if "skipped" in kinds else "passed"
        found[f"{case.get('classname')}::{case.get('name')}"] = kind
    return found


def run(under, where, folder, only=()):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("OMP_", "OPENBLAS_", "MKL_", "RATION_", "_RATION_"))}
    env["RATION_CONF"] = ""
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2, metavar="BUDGET")
    parser.add_argument("suites", nargs="*", default=SUITES)
    options = parser.parse_args()
    under = [os.path.join(BUILD, "ration"), "-n", str(options.n)]
    worse = 0
    for suite in options.suites:
        where = [os.path.abspath(suite)] if os.path.isdir(suite) else ["--pyargs", suite]
        with tempfile.TemporaryDirectory(prefix="ration-suites.") as folder:
            alone, alone_s = run([], where, folder)
            ours, ours_s = run(under, where, folder)
            for test in sorted(alone.keys() | ours.keys()):
                pair = alone.get(test, "absent"), ours.get(test, "absent")
                for _ in range(AGAIN):
                    if pair[0] == pair[1]:
                        break
                    only = named(test, where)
                    pair = [run(how, where, folder, only)[0].get(test, "absent")
                            for how in ([], under)]
                if pair[0] != pair[1]:
                    worse += 1
                    print(f"# {test}: without {pair[0]}, under ration {pair[1]}", flush=True)
        kinds = [sum(kind == which for kind in ours.values())
                 for which in ("passed", "failed", "skipped")]
        print(f"{suite}: {kinds[0]} passed, {kinds[1]} failed, {kinds[2]} skipped; "
              f"{alone_s:.0f} s without, {ours_s:.0f} s under ration", flush=True)
    print(f"{worse} with another outcome")
    return worse > 0


if __name__ == "__main__":
    sys.exit(main())
