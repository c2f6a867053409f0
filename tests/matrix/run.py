# SPDX-License-Identifier: MIT
"""
To run one program of the matrix, disturbed or not, and to compare what came out. Running threads
are counted from outside (demo/watch); the machine claims more CPUs than it has (libfake.so).
"""
import dataclasses
import itertools
import os
import pickle
import shutil
import signal
import struct
import subprocess
import tempfile

import numpy as np

from table import BUDGET, BUILD, CALL, CPUS, HERE, WORKERS

SHIM = os.path.join(BUILD, "libration.so")
PROBE = os.path.join(BUILD, "tests/probe")
FAKE = os.path.join(PROBE, "libfake.so")
SETTINGS = ("OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "NUMEXPR_", "NUMBA_", "POLARS_", "GOMP_",
            "KMP_", "RATION_", "_RATION_", "LD_", "PYTHON", "RAYON_")
# To rounding: of the largest number of an array.
ROUNDING = {"f8": 1e-9, "f4": 1e-4}
LIMIT_S = 90
OVER = 0.05  # part of the time in which more threads may run than the bound

ledgers = itertools.count(os.getpid() * 1000 % 1000000000)


@dataclasses.dataclass
class Outcome:
    status: object  # of the program; None: it was still there at the limit
    said: str
    results: list  # different ones, each {name: array}
    seen: dict  # what watch saw
    beside: str  # what the command beside it said


def environment(program, more, threads):
    """Nothing of the caller's own settings may decide. Spinning threads that outnumber the real
    CPUs crawl: let them give up soon."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
    path = os.environ.get("MATRIX_PATH")  # more wheels
    env.update(PYTHONPATH=f"{HERE}:{path}" if path else HERE, PYTHONDONTWRITEBYTECODE="1",
               LC_ALL="C", RATION_CONF="", XDG_CONFIG_HOME="/nonexistent",
               OPENBLAS_THREAD_TIMEOUT="8")
    env.update(program.env)
    if threads:
        env.update({variable: str(threads) for variable in program.variables})
    env.update(more)
    return env


def run(program, mode, ask=0, threads=0, bound=0, shares=True, cpus=CPUS, limit_s=LIMIT_S,
        seconds=None, more=(), meanwhile=None):
    """shares: under ration. meanwhile(ledger): a command that runs beside it, if any."""
    folder = tempfile.mkdtemp(prefix="ration-matrix.")
    ledger = str(next(ledgers))
    out, samples = os.path.join(folder, "out"), os.path.join(folder, "samples")
    claimed = [FAKE] if program.claims else []
    env = environment(program, {"FAKE_CPUS": str(cpus), "_RATION_LEDGER": ledger,
                                "LD_PRELOAD": ":".join(claimed), **dict(more)}, threads)
    seconds = program.seconds if seconds is None else seconds
    line = [*program.command, mode, str(ask), str(seconds), out]
    if shares:
        line = [os.path.join(BUILD, "ration"), "-n", str(BUDGET), "env",
                "LD_PRELOAD=" + ":".join([SHIM, *claimed]), *line]
    else:
        env["GOMP_SPINCOUNT"] = "100"
    watch = [os.path.join(BUILD, "demo/watch"), "-o", samples, "-s", "/dev/null", "--"]
    beside = meanwhile and subprocess.Popen(meanwhile(ledger), stdout=subprocess.PIPE, text=True)
    try:
        status, said = finish(watch + line, env, limit_s, folder)
        if beside:
            beside.terminate()
        heard = beside.communicate()[0] if beside else ""
        return Outcome(status, said, read(out), weigh(samples, bound), heard)
    finally:
        if shares:
            subprocess.run([os.path.join(PROBE, "forget"), ledger], stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def finish(line, env, limit_s, folder):
    """All that it starts is in a session of its own, and ends with it."""
    with open(os.path.join(folder, "said"), "w+", errors="replace") as said:
        process = subprocess.Popen(line, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=said,
                                   stderr=said, start_new_session=True)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        said.seek(0)
        return status, said.read()


def read(out):
    if not os.path.exists(out):
        return []
    with open(out, "rb") as file:
        data = file.read()
    if data[:1] == b"\x80":
        return [arrays for _, arrays in pickle.loads(data).values()]
    lines = dict.fromkeys(data.decode().splitlines())
    return [{name: np.array([number(t) for t in tokens]) for name, *tokens in map(
        str.split, line.split("|"))} for line in lines]


def number(token):
    """0x1.8p+1 as C and R write it, or its 16 digits as Octave does."""
    if len(token) == 16 and "x" not in token:
        return struct.unpack(">d", bytes.fromhex(token))[0]
    return float.fromhex(token)


def weigh(path, bound):
    """Part of the time with more running threads than the bound, and than processes that have one;
    the number that was not exceeded in 95 % of it; and how long it was."""
    if not os.path.exists(path):
        return {"over": 0, "running": 0, "wall_s": 0}
    with open(path) as file:
        lines = [line.split() for line in file if line.endswith("\n")][1:]
    seen = np.array(lines, dtype=float).reshape(-1, 5)
    since, running, computing = seen[:-1, 0], seen[:-1, 3], seen[:-1, 4]
    times = np.diff(seen[:, 0])
    whole = times.sum() or 1
    order = np.argsort(running)
    at = np.searchsorted(np.cumsum(times[order]), 0.95 * whole)
    return {"over": float(times[running > np.maximum(bound, computing)].sum() / whole),
            "running": int(running[order][min(at, len(order) - 1)]) if len(order) else 0,
            "wall_s": float(whole)}


def same(a, b):
    return a.keys() == b.keys() and all(
        a[k].dtype == b[k].dtype and np.array_equal(a[k], b[k], equal_nan=True) for k in a)


def apart(result, reference):
    """Names of what differs by more than rounding. Whole numbers do not round."""
    names = []
    for name, right in reference.items():
        got = result.get(name)
        if got is None or got.shape != right.shape or got.dtype != right.dtype:
            names.append(name)
            continue
        most = ROUNDING.get(right.dtype.str[1:], 0) * np.abs(right).max(initial=0)
        if not np.all(np.abs(got.astype("f8") - right.astype("f8")) <= most):
            names.append(name)
    return names


class Reference:
    """What the program computes undisturbed, alone, with one thread and with more."""

    def __init__(self, program, counts=(1, 2, 3, BUDGET)):
        self.by_threads, self.problem = {}, ""
        for threads in counts:
            outcome = run(program, "alone", threads=threads, shares=False, cpus=threads,
                          seconds=0)
            if outcome.status != 0 or not outcome.results:
                self.problem = f"undisturbed, {threads} threads: status {outcome.status}" \
                               f"\n{outcome.said}"
                return
            self.by_threads[threads] = outcome.results
        self.all = [result for results in self.by_threads.values() for result in results]
        one = self.all[0]
        self.exact = sorted(k for k in one if all(same({k: one[k]}, {k: other[k]})
                                                  for other in self.all[1:]))
        self.rounds = sorted(set(one) - set(self.exact))

    def differs(self, result):
        """What is wrong with a result, or nothing."""
        one = self.all[0]
        wrong = [name for name in self.exact
                 if name not in result or not same({name: result[name]}, {name: one[name]})]
        far = [apart(result, {name: other[name] for name in self.rounds}) for other in self.all]
        return wrong + min(far, key=len)


def bound_of(program, mode, wish):
    guests = 1 if mode == "alone" else WORKERS
    budget = BUDGET if program.claims else min(BUDGET, len(os.sched_getaffinity(0)))
    most = max(budget, guests)
    own = max(program.own.get(wish, 0), program.own.get(mode, 0))
    if own:
        return own * guests
    if wish == "call":
        most = min(most, CALL * guests)
    return most + program.hands
