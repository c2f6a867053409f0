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
multiprocessing.set_start_method("fork")  # the default before Python 3.14
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
	[ "$flavour" != openmp ] || continue
	is "$(on_cpus 8 4 "$python" "$root/tests/probe/api.py" 4)" "done" \
		"$flavour: set and get, ctypes and threadpoolctl, nested; at most 4"
	is "$(OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 on_cpus 8 4 "$python" \
		"$root/tests/probe/api.py" 4)" "done" "$flavour: the same, begun with 2"
done

# On OpenMP each version makes something else of what is set: to 0.3.21 it is set in the runtime,
# with 0.3.29 it lasts until the next call, and 0.3.34 waits for ever, where more is set than the
# runtime has, for threads that are not there. So it is compared with what the version at hand says
# undisturbed, as far as it comes, on a machine of as many CPUs as the budget.
use openmp
PYTHONPATH=$work/modules:$PYTHONPATH
alone()
{
	limit_s=30 undisturbed 4 "$@" >"$work/undisturbed"
	ended=$?
}
# so_far: of what is said with ration, as much.
so_far()
{
	lines=$(wc -l <"$work/undisturbed")
	[ "$ended" = 124 ] || lines=$((lines + 1)) # nor may it say more
	head -n "$lines"
}
# Where the runtime has one thread only, undisturbed it does not count what it used.
counted()
{
	grep -v '^limits(1).*\(: used\|after calls: get\): '
}
for begun in 0 2; do
	[ $begun = 0 ] || export OMP_NUM_THREADS=$begun
	alone "$python" -u "$root/tests/probe/api.py" 4 say
	like "$ended $(tail -n 1 "$work/undisturbed")" "^(0 done|124 .*, before calls: [0-9])" \
		"openmp: undisturbed, begun with $begun"
	on_cpus 8 4 "$python" "$root/tests/probe/api.py" 4 say >"$work/with"
	is "$(so_far <"$work/with" | counted)" "$(counted <"$work/undisturbed")" \
		"openmp: the same with ration"
	is "$(tail -n 1 "$work/with")" "done" "which comes to its end"
	is "$(grep -c '^limits(1).*: used: 1$' "$work/with")" 2 "limits(1) is one thread"
done
unset OMP_NUM_THREADS
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
# capped: as many as the budget, where a program used more.
capped()
{
	sed 's/used [5-9]/used 4/'
}
inside="set 3, get 3, used 3, get 3
set 1, get 1, used 1, get 1
set 9, get 9, used 4, get 4
set 2, get 2, used 2, get 2
set 4, get 4, used 4, get 4"
use pthread
is "$(on_cpus 8 4 "$probe/linked" 3 1 9 2 4)" "threads 4, used 4
$linked" "linked, pthread: set and get"
is "$(OMP_NUM_THREADS=2 on_cpus 8 4 "$probe/linked" 3 1 9 2 4)" "threads 2, used 2
$linked" "linked, pthread: set and get, begun with 2"
is "$(on_cpus 8 4 "$probe/named" 3 1 9 2 4)" "threads 4, used 4
$linked" "linked, pthread, with its variable in the program"
use openmp
for program in linked named; do
	alone "$probe/$program" 3 1 9 2 4
	like "$(cat "$work/undisturbed")" "^set 1, get 1, used [0-9]" \
		"$program, openmp: undisturbed"
	on_cpus 8 4 "$probe/$program" 3 1 9 2 4 >"$work/with"
	is "$(so_far <"$work/with")" "$(capped <"$work/undisturbed")" \
		"set and get are the same with ration"
	like "$(tail -n 1 "$work/with")" "^set 4, get 4, used 4, get" "to its end"
done
export OMP_NUM_THREADS=2
alone "$probe/linked" 3 1 9 2 4
on_cpus 8 4 "$probe/linked" 3 1 9 2 4 >"$work/with"
is "$(so_far <"$work/with")" "$(capped <"$work/undisturbed")" \
	"linked, openmp: set and get, begun with 2"
like "$(tail -n 1 "$work/with")" "^set 4, get [0-9], used [0-9], get" "to its end"
unset OMP_NUM_THREADS
# Its own calls cannot be diverted: it sets what it says, and the gate lowers that.
is "$(on_cpus 8 4 "$probe/exported" 3 1 9 2 4)" "threads 4, used 4
$inside" "OpenBLAS in the program itself, with its names shown"
done_testing
