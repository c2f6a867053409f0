#!/bin/sh
# SPDX-License-Identifier: MIT
# Processes in a namespace of their own, for pids or for time, share the ledger with all others.
. "$(dirname "$0")/../lib.sh"
LD_LIBRARY_PATH=$blas_pthread
export LD_LIBRARY_PATH

# With the runtime, but without threads: a process that has some can make none beside them.
cat >"$work/unshared.py" <<'END'
import ctypes, os, time
import numpy as np, blas
a, copy = np.random.rand(200, 200), blas.copy()
def calls(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        a @ a
def until(wanted):
    end = time.monotonic() + 20
    while copy.now() != wanted and time.monotonic() < end:
        a @ a
    return copy.now()
middle = os.fork()
if not middle:
    assert ctypes.CDLL(None).unshare(0x20000000) == 0
    if os.fork():
        os._exit(0)
    calls(6)
    os._exit(0)
os.waitpid(middle, 0)
print("beside it", until(3), flush=True)
calls(3)
print("still", copy.now(), flush=True)
print("alone", until(6))
calls(11)
END
python=$debian
export PYTHONPATH="$root/tests/probe"
is "$(on_cpus 6 6 unshare -Ur "$python" "$work/unshared.py" 2>&1)" "beside it 3
still 3
alone 6" "a child in a pid namespace of its own, until it ends"

# By its clocks, the guest began a day from now, or before the machine did.
cat >"$work/beside.py" <<'END'
import subprocess, sys, time
import numpy as np, blas
a, end = np.random.rand(200, 200), time.monotonic() + 6
seen = []
other = subprocess.Popen([*sys.argv[1:], sys.executable, __file__]) if len(sys.argv) > 1 else None
while time.monotonic() < end:
    a @ a
    seen.append(blas.copy().now())
print(seen[len(seen) // 2])
if other:
    other.wait()
END
for ahead in 86400 -1000; do
	is "$(on_cpus 6 6 "$python" "$work/beside.py" unshare -UrT --boottime $ahead \
		--monotonic $ahead 2>&1 | xargs)" "3 3" "two share, one with clocks $ahead s ahead"
done
is "$(on_cpus 6 6 unshare -UrT --boottime 86400 --monotonic 86400 "$python" "$work/beside.py" \
	2>&1 | xargs)" 6 "one alone in a time namespace"
done_testing
