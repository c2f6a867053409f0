#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenBLAS that shows nothing but what it publishes, as that of numpy 2.5.3 and later: every call is
# held all the same. It is the wheel's, whose private names are taken away, stripped.
. "$(dirname "$0")/../lib.sh"
export NUMPY_MADVISE_HUGEPAGE=0
here=$("$wheels" -c 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))')
mkdir "$work/closed"
cp -r "$here/numpy" "$here/numpy.libs" "$work/closed"
"$wheels" "$root/tests/probe/close.py" "$work/closed/numpy.libs/"libscipy_openblas*
use wheel
PYTHONPATH=$work/closed:$PYTHONPATH

is "$("$python" -c 'import blas, numpy; print(blas.copy().now(), blas.copy().get() > 0)')" \
	"0 True" "it shows no counter, and answers"
like "$(RATION_DEBUG=1 on_cpus 6 6 "$python" -c 'import numpy' 2>&1)" \
	'libscipy_openblas.*OpenBLAS \(pthread\), every call$' "it is met at what it publishes"

# Threads that compute, in each worker; and in one when the others are gone.
shared=$root/tests/probe/shared.py
for start in fork spawn; do
	is "$(on_cpus 6 6 "$python" "$shared" $start ctypes 3)" "2 2 2
6" "$start: three share six, and one has them all: names that are looked up"
done
is "$(on_cpus 6 6 "$python" "$shared" fork matmul 2)" "3 3
6" "what was bound when it was loaded"
is "$(on_cpus 6 6 "$python" "$shared" fork ctypes 6)" "1 1 1 1 1 1
6" "six have one each"

cat >"$work/set.py" <<'END'
import os, threading, time, numpy as np, blas
from threadpoolctl import threadpool_info, threadpool_limits
a = np.random.rand(500, 500)
def call():
    while not over.is_set():
        a @ a
def used():
    """Threads that compute beside this one, in the last of several looks."""
    over.clear()
    caller = threading.Thread(target=call)
    caller.start()
    for _ in range(4):
        before = blas.cpu_ns("self")
        time.sleep(0.3)
        after = blas.cpu_ns("self")
    over.set()
    caller.join()
    return sum(after[t] - before.get(t, 0) > 1e6 for t in after if int(t) != os.getpid())
over, copy = threading.Event(), blas.copy()
print("at first", copy.get(), used())
for wish in (3, 1, 9, 2):
    copy.set(wish)
    print("set", wish, "get", copy.get(), "used", used(), "get", copy.get())
with threadpool_limits(1):
    print("limits(1)", threadpool_info()[0]["num_threads"], used())
print("after", threadpool_info()[0]["num_threads"], used())
END
is "$(on_cpus 8 4 "$python" "$work/set.py")" "at first 4 4
set 3 get 3 used 3 get 3
set 1 get 1 used 1 get 1
set 9 get 9 used 4 get 9
set 2 get 2 used 2 get 2
limits(1) 1 1
after 2 2" "set and get, by ctypes and threadpoolctl"

# Results stay right while the share changes at random, and it is told.
"$probe/shake" "$_RATION_LEDGER" 6 &
RATION_DEBUG=1 on_cpus 6 6 "$python" "$root/tests/probe/results.py" 10 \
	>"$work/results" 2>"$work/said"
kill $!
wait $! 2>/dev/null
is "$(grep -v threads "$work/results")" "inv 0 wrong
solve 0 wrong
eigh 0 wrong
svd 0 wrong
lu 0 wrong
cholesky 0 wrong" "the same results"
at_least "$(grep -c 'share [0-9]*, was [0-9]' "$work/said")" 50 "while shares change all the time"
is "$(on_cpus 4 4 "$python" "$root/tests/probe/forks.py" once)" "parent True
child True grandchild True
parent True" "a parent that has computed, its child, and its child's child"
done_testing
