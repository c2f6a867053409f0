#!/bin/sh
# SPDX-License-Identifier: MIT
# What a program sets by a function of the library it reads back, and it never gets more than its
# share by it.
. "$(dirname "$0")/../lib.sh"

# Debian's Python has no threadpoolctl: it may have the one of the wheels, and nothing else of them.
mkdir "$work/modules"
cp "$(dirname "$("$wheels" -c 'import threadpoolctl as t; print(t.__file__)')")/threadpoolctl.py" \
	"$work/modules"

cat >"$work/child.py" <<'END'
# Two workers; one of them sets and unsets limits, while the other computes, and when it has ended.
import multiprocessing, time
import numpy as np
from threadpoolctl import threadpool_limits
import blas
a = np.random.rand(200, 200)
other = multiprocessing.Event()
def compute():
    while not other.is_set():
        a @ a
def used(wanted):
    """Soon: a share is divided anew every 20 ms, and when the other has ended."""
    deadline = time.monotonic() + 5
    while (now := blas.copy().now()) != wanted and time.monotonic() < deadline:
        a @ a
    return now
def most():
    deadline, most = time.monotonic() + 0.2, 0
    while time.monotonic() < deadline:
        a @ a
        most = max(most, blas.copy().now())
    return most
def limit():
    print("a worker of two has", used(3))
    with threadpool_limits(6):
        print("asks for 6 and has", most())
    with threadpool_limits(1):
        print("asks for 1 and has", most())
    print("asks no more and has", used(3))
    other.set()
    print("alone it has", used(6))
    with threadpool_limits(2):
        print("asks for 2 and has", used(2))
    print("asks no more and has", used(6), flush=True)
workers = [multiprocessing.Process(target=f) for f in (compute, limit)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
END

for flavour in $flavours; do
	use "$flavour"
	PYTHONPATH=$work/modules:$PYTHONPATH
	is "$(on_cpus 8 4 "$python" "$root/tests/probe/api.py" 4)" "done" \
		"$flavour: set and get, ctypes and threadpoolctl, nested; at most 4"
	is "$(OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 on_cpus 8 4 "$python" \
		"$root/tests/probe/api.py" 4)" "done" "$flavour: the same, begun with 2"
done
for flavour in wheel openmp; do
	use "$flavour"
	PYTHONPATH=$work/modules:$PYTHONPATH
	is "$(on_cpus 6 6 "$python" "$work/child.py")" "a worker of two has 3
asks for 6 and has 3
asks for 1 and has 1
asks no more and has 3
alone it has 6
asks for 2 and has 2
asks no more and has 6" "$flavour: limits in a worker"
done

linked="set 3, get 3, used 3, get 3
set 1, get 1, used 1, get 1
set 9, get 9, used 4, get 9
set 2, get 2, used 2, get 2
set 4, get 4, used 4, get 4"
inside="set 3, get 3, used 3, get 3
set 1, get 1, used 1, get 1
set 9, get 9, used 4, get 4
set 2, get 2, used 2, get 2
set 4, get 4, used 4, get 4"
for flavour in pthread openmp; do
	use "$flavour"
	is "$(on_cpus 8 4 "$probe/linked" 3 1 9 2 4)" "threads 4, used 4
$linked" "linked, $flavour: set and get"
	is "$(OMP_NUM_THREADS=2 on_cpus 8 4 "$probe/linked" 3 1 9 2 4)" "threads 2, used 2
$linked" "linked, $flavour: set and get, begun with 2"
	is "$(on_cpus 8 4 "$probe/named" 3 1 9 2 4)" "threads 4, used 4
$linked" "linked, $flavour, with its variable in the program"
done
# Its own calls cannot be diverted: it sets what it says, and the gate lowers that.
is "$(on_cpus 8 4 "$probe/exported" 3 1 9 2 4)" "threads 4, used 4
$inside" "OpenBLAS in the program itself, with its names shown"
done_testing
