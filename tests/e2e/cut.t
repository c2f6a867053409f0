#!/bin/sh
# SPDX-License-Identifier: MIT
# A process that is bound to fewer CPUs while it runs, as containers are that are resized: the next
# calls have no more threads than its mask has CPUs, until it has them back. On two real CPUs.
. "$(dirname "$0")/../lib.sh"

cat >"$work/cut.py" <<'END'
import os, time, threading
import numpy as np, blas
a, copy, cpus = np.random.rand(200, 200), blas.copy(), os.sched_getaffinity(0)
def used(wanted):
    deadline = time.monotonic() + 10
    a @ a
    while copy.now() != wanted and time.monotonic() < deadline:
        a @ a
    return copy.now()
def bind(to):
    for task in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(task), to)
print("at first", used(2))
bind({min(cpus)})
print("cut", used(1))
bind(cpus)
print("again", used(2))
other = threading.Thread(target=os.sched_setaffinity, args=(0, {min(cpus)}))
other.start()
other.join()
time.sleep(0.1)
a @ a
print("a thread bound itself", used(2))
END
for flavour in wheel pthread openmp; do
	use $flavour
	is "$(ration -n 2 --fence=never "$python" "$work/cut.py" 2>&1)" "at first 2
cut 1
again 2
a thread bound itself 2" "$flavour: cut and given back"
done
done_testing
