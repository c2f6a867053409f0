#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
run.py [-f FIRST] [-n COUNT] [-s SECONDS] [FLAVOUR]...: the programs of seeds FIRST and following
(teams.c), of each flavour in BUILD/tests/fuzz/teams, under ration: shares at random (shake.c), and
a neighbour under the same budget that comes and goes. They know themselves what has to be true.
One that says that something is not, or is killed, is run undisturbed three hundred times, six at
once, with one to four threads: it is wrong unless it fails there too (LLVM's runtimes end on
assertions of their own, 14 in one run of two of some programs, 19 in one of 140 beside other load).
One that hangs is always wrong. Ends with 1, and the seeds, if one is wrong.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
PROBE = os.path.join(BUILD, "tests/probe")
FOLDER = os.path.join(BUILD, "tests/fuzz/teams")
CPUS, BUDGET, TURN, LIMIT_S = 6, 4, 25, 60
BESIDE, ALONE = 6, 50
HUNG, HANGS = 3, (3, 124, 137, 142)
LOOP = "i=0; for s do i=$((i %% 4 + 1)); [ -z \"$EACH\" ] || export OMP_NUM_THREADS=$i; " \
       "timeout -k 1 %d \"$PROGRAM\" $s >out 2>err; echo $s $? $(cat out); " \
       "[ -s err ] && sed \"s/^/# $s: /\" err | head -n 3; done; true" % LIMIT_S
SETTINGS = ("OMP_", "GOMP_", "KMP_", "RATION_", "_RATION_", "LD_")


def clean():
    env = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
    return {**env, "RATION_CONF": "", "XDG_CONFIG_HOME": "/nonexistent", "FAKE_CPUS": str(CPUS),
            "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}  # counts are looked at, not times


def turn(program, seeds, shared, folder, ledger):
    """The lines that the loop prints: seed, status and how often the program looked."""
    fake, shim = os.path.join(PROBE, "libfake.so"), os.path.join(BUILD, "libration.so")
    env = {**clean(), "PROGRAM": program, "LD_PRELOAD": fake, "_RATION_LEDGER": str(ledger)}
    line = ["sh", "-c", LOOP, "loop", *map(str, seeds)]
    beside = []
    env["EACH"] = "" if shared else "1"  # undisturbed, with one number of threads after another
    if shared:
        line = [os.path.join(BUILD, "ration"), "-n", str(BUDGET), "--fence=never", "env",
                f"LD_PRELOAD={shim}:{fake}", *line]
        under = [os.path.join(BUILD, "ration"), "-n", str(BUDGET), "--fence=never"]
        come_and_go = "while :; do \"$1\" many 2000; sleep 0.2; done"
        beside = [[os.path.join(PROBE, "shake"), str(ledger), str(BUDGET)],
                  [*under, "env", f"LD_PRELOAD={shim}:{fake}", "sh", "-c", come_and_go, "loop",
                   os.path.join(PROBE, "team")]]
    others = [subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
              for command in beside]
    try:
        return subprocess.run(line, env=env, cwd=folder, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, check=False).stdout.splitlines()
    finally:
        for other in others:
            os.killpg(other.pid, 15)
            other.wait()


def undisturbed(program, seeds, folder, ledger):
    """The same of each seed, several times, beside one another."""
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        turns = [pool.submit(turn, program, seeds * ALONE, False, tempfile.mkdtemp(dir=folder),
                             ledger) for _ in range(BESIDE if seeds else 0)]
    return [line for one in turns for line in one.result()]


def judge(lines):
    """{seed: (status, looks)} and what the programs said."""
    words = [line.split() for line in lines if not line.startswith("#")]
    found = {}
    for seed, status, *looks in words:
        status = max(int(status), found.get(int(seed), (0, 0))[0])  # of several runs the worst
        found[int(seed)] = (status, int(looks[0]) if looks else 0)
    return found, [line for line in lines if line.startswith("#")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-f", type=int, default=1, metavar="FIRST")
    parser.add_argument("-n", type=int, default=1000, metavar="COUNT")
    parser.add_argument("-s", type=float, default=1e9, metavar="SECONDS", help="no turn after that")
    parser.add_argument("flavours", nargs="*")
    options = parser.parse_args()
    flavours = options.flavours or ["gcc", "llvm", "python"]
    begun, wrong, alike, total, looks = time.monotonic(), [], [], 0, 0
    with tempfile.TemporaryDirectory(prefix="ration-fuzz.") as folder:
        ledger = os.getpid()
        for first in range(options.f, options.f + options.n, TURN):
            if time.monotonic() - begun > options.s:
                break
            seeds = range(first, min(first + TURN, options.f + options.n))
            for flavour in flavours:
                program = os.path.join(FOLDER, flavour)
                found, said = judge(turn(program, seeds, True, folder, ledger))
                total += len(seeds)
                looks += sum(look for _, look in found.values())
                bad = [s for s in seeds if found.get(s, (1, 0))[0] != 0]
                # A hang is ours: those of libgomp's in forked children are cured.
                ended = [s for s in bad if found.get(s, (HUNG, 0))[0] not in HANGS]
                alone, _ = judge(undisturbed(program, ended, folder, ledger))
                for seed in bad:
                    same = alone.get(seed, (0, 0))[0] != 0
                    (alike if same else wrong).append((flavour, seed, found.get(seed)))
                for line in said if any(w[1] in seeds for w in wrong[-len(bad):] if bad) else []:
                    print(f"# {flavour}: {line[2:]}", flush=True)
        subprocess.run([os.path.join(PROBE, "forget"), str(ledger)], stdout=subprocess.DEVNULL,
                       check=False)
    for kind, cases in (("wrong", wrong), ("fails undisturbed too", alike)):
        for flavour, seed, what in cases:
            print(f"# {kind}: {flavour} {seed}: {what}")
    print(f"# {total} programs of {', '.join(flavours)} looked {looks} times, "
          f"{time.monotonic() - begun:.0f} s; {len(alike)} fail undisturbed too")
    print(f"{total - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong or not total or len(alike) > total / 20 else 0


if __name__ == "__main__":
    sys.exit(main())
