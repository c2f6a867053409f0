#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenMP runtimes: a process is told one number of threads, and keeps it, with its forked children;
# those of a pool that nobody told anything have their shares; where the libraries of a Python
# program ask anew each time, the share is followed.
. "$(dirname "$0")/../lib.sh"
limit_s=60
team=$probe/team

# A program of gcc's runs on LLVM's runtime as well, under the name of the other.
mkdir "$work/llvm"
like "$libomp" 'libomp' "LLVM's runtime is here"
ln -s "$libomp" "$work/llvm/libgomp.so.1"
llvm=$(echo "$libomp" | sed 's,.*/llvm-\([0-9]*\)/.*,\1,')

# places BOUND [first]: in no pipe, whose other commands are siblings that may compute as well.
places()
{
	bound=$1
	shift
	ration -n 2 env "$bound" "$probe/places" 2 "$@" >"$work/places"
	sort "$work/places" | uniq -c | xargs
}

for runtime in gcc llvm; do
	unset LD_LIBRARY_PATH
	[ $runtime = gcc ] || export LD_LIBRARY_PATH="$work/llvm"
	is "$(on_cpus 6 4 "$team" say)" "parent max 4 team 4 sum 500500" \
		"$runtime: no wish: the budget"
	is "$(OMP_NUM_THREADS=9 on_cpus 6 4 "$team" say)" "parent max 4 team 4 sum 500500" \
		"$runtime: a wish above it: the budget"
	is "$(OMP_NUM_THREADS=2,1 on_cpus 6 4 "$team" say)" "parent max 2 team 2 sum 500500" \
		"$runtime: a smaller wish stands"
	is "$(on_cpus 6 4 "$team" set 6)" "parent max 6 team 6 sum 500500" \
		"$runtime: a team that the program chose has its size"
	is "$(on_cpus 6 4 "$team" clause 5)" "parent max 4 team 5 sum 500500" \
		"$runtime: and one by a clause"
	is "$(on_cpus 6 4 "$team" fork 4 | sort | uniq -c | sed 's/^ *//')" \
		"4 child max 4 team 4 sum 500500
2 parent max 4 team 4 sum 500500" "$runtime: forked children have the number of their parent"
	is "$(on_cpus 6 4 "$team" fork 4 3 | sort | uniq -c | sed 's/^ *//')" \
		"4 child max 4 team 3 sum 500500
2 parent max 4 team 3 sum 500500" "$runtime: or the teams that they name"
	# LLVM's runtime holds its locks around the fork, and takes who asks it then among its own.
	is "$(on_cpus 6 4 timeout 20 "$team" beside 2 | sort | uniq -c | sed 's/^ *//')" \
		"2 child max 4 team 4 sum 500500
1 thread max 4 team 4 sum 500500" "$runtime: a fork by who has begun no team, after another's"
	# LLVM's runtime is told at the first call of any kind, which may have been the question.
	for many in 2 4; do
		[ $runtime = gcc ] && share=$((4 / many)) || share=4
		is "$(on_cpus 6 4 "$team" born $many | sort | uniq -c | sed 's/^ *//')" \
			"$many child max $share team $share sum 500500" \
			"$runtime: $many children of a parent that asked for processors: $share"
	done
	is "$(on_cpus 6 4 "$probe/told" asks)" "main told 4
thread told 4 team 4
child told 4 team 4
kept 4 of 4" "$runtime: main asks: that is the number of its threads and children"
	is "$(on_cpus 6 4 "$probe/told" nothing)" "thread told 4 team 4
child told 4 team 4
kept 4 of 4" "$runtime: a thread asks: it is that of main"
	# LLVM's runtime forgets in a child what was set, without us too.
	[ $runtime = gcc ] && child=6 || child=4
	is "$(on_cpus 6 4 "$probe/told" sets 6)" "thread told 4 team 4
child told $child team $child
kept 6 of 6" "$runtime: what main sets is its own"
	# OMP_NUM_THREADS above the share: lowered, unless the program has it by another way.
	for known in reads "nothing 6" "nothing --nt=6" "nothing -t6"; do
		# shellcheck disable=SC2086 # the words of it
		like "$(OMP_NUM_THREADS=6 on_cpus 6 4 "$probe/told" $known)" \
			"^thread told 6 team 6$" \
			"$runtime: a number that the program knows stands ($known)"
	done
	for known in nothing "nothing 5" "nothing file6" "nothing -6.6 0.6"; do
		# shellcheck disable=SC2086
		like "$(OMP_NUM_THREADS=6 on_cpus 6 4 "$probe/told" $known)" \
			"^thread told 4 team 4$" \
			"$runtime: others are lowered ($known)"
	done
	for bound in OMP_PROC_BIND=true OMP_PLACES=threads GOMP_CPU_AFFINITY=0-1; do
		# LLVM 14 knows in a child what it has learned of places in the parent; later ones
		# read the environment anew, and do there what they do without ration.
		case "$runtime $llvm $bound" in
		"llvm 14 OMP_PROC_BIND"* | gcc*) cpus=2 ;;
		"llvm 14"*) cpus=1 ;;
		*) cpus=$(env "$bound" "$probe/places" 2 | sed -n '1s/child //p') ;;
		esac
		is "$(places "$bound" first)" "2 child $cpus 1 parent 1" \
			"$runtime: $bound binds a program that is alone, and no worker of it"
		is "$(places "$bound")" "2 child $cpus" \
			"$runtime: nor those of a pool whose parent did nothing"
	done
	like "$(RATION_DEBUG=1 on_cpus 6 4 "$team" say 2>&1)" "OpenMP .*, at first contact" \
		"$runtime: it was met"

	# What a region costs: as callgrind counts.
	for with in env ration; do
		for many in 1000 21000; do
			OMP_NUM_THREADS=1 $with valgrind --tool=callgrind \
				--callgrind-out-file=/dev/null "$team" many $many 2>&1 \
				| sed -n 's/.*Collected : //p' >"$work/$with.$many"
		done
	done
	without=$((($(cat "$work/env.21000") - $(cat "$work/env.1000")) / 20000))
	with=$((($(cat "$work/ration.21000") - $(cat "$work/ration.1000")) / 20000))
	at_least "$without" 300 "$runtime: a region takes $without instructions without us"
	at_most $((with - without)) 60 "$runtime: and $with with us"
done
unset LD_LIBRARY_PATH

# BLAS within a region has what the others of the region leave.
use pthread
for runtime in gcc llvm; do
	[ $runtime = gcc ] || export LD_LIBRARY_PATH="$work/llvm:$LD_LIBRARY_PATH"
	is "$(for many in 1 2 4; do on_cpus 6 4 "$probe/inside" $many; done | xargs)" "4 2 1" \
		"$runtime: BLAS within a region of 1, 2, 4 of four threads"
done
unset LD_LIBRARY_PATH

returns 124 "without us a fork after a team hangs" timeout 3 env OMP_NUM_THREADS=2 "$team" fork 1

boost=$root/tests/probe/boost.py
right='^children True$'
use runtimes
for what in "histgb fork" "lightgbm fork" "lightgbm fork 2" "kmeans fork" "kmeans spawn"; do
	# shellcheck disable=SC2086 # the words of it
	like "$(on_cpus 2 2 "$python" "$boost" $what 2>&1)" "$right" "$what: right results"
done
returns 124 "without us histgb hangs" \
	timeout 10 env OMP_NUM_THREADS=2 "$python" "$boost" histgb fork
use openmp
like "$(on_cpus 2 2 "$python" "$boost" blas fork)" "$right" "OpenBLAS on OpenMP: right results"

# A program that was alone, and then is not, and is again: its setting follows.
cat >"$work/live.py" <<'END'
import ctypes, os, sys, time
import numpy as np
from sklearn.cluster import KMeans
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads as threads
from threadpoolctl import threadpool_limits
x = np.random.RandomState(0).rand(3000, 8)
def until(wanted, seconds=20):
    deadline = time.monotonic() + seconds
    while threads() != wanted and time.monotonic() < deadline:
        KMeans(3, n_init=1, max_iter=3).fit(x)
    return threads()
print("alone", until(4), flush=True)
if os.fork() == 0:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        KMeans(3, n_init=1, max_iter=3).fit(x)
    os._exit(0)
print("two", until(2), flush=True)
os.wait()
print("alone", until(4), flush=True)
with threadpool_limits(1):
    print("limited", until(4, 1), flush=True)
print("put back", until(4), flush=True)
END
use runtimes
# scikit-learn uses no more than the physical cores, unless told.
is "$(OMP_NUM_THREADS=4 on_cpus 4 4 "$python" "$work/live.py")" "alone 4
two 2
alone 4
limited 1
put back 4" "scikit-learn follows its share, and what the program sets"

# A library that nobody knows to ask anew: what it was told stays true, whatever its share becomes,
# in the middle of an operation, between two, and when it has set the number itself.
cat >"$work/solver.py" <<'END'
import ctypes, sys, time
lib = ctypes.CDLL(sys.argv[1])
back = ctypes.CFUNCTYPE(None)(lambda: [None for _ in range(300)] and None)
counts, wrong, until = {lib.count_again()}, 0, time.monotonic() + 2
while time.monotonic() < until:
    wrong += lib.solve(20, back)
    counts.add(lib.count_again())
lib.set_count(5)
until = time.monotonic() + 1
while time.monotonic() < until:
    wrong += lib.solve(20, back)
    counts.add(lib.count_again())
print("wrong", wrong, "counts", len(counts), 5 in counts)
END
use runtimes
"$probe/shake" "$_RATION_LEDGER" 4 &
shaking=$!
is "$(on_cpus 6 4 "$python" "$work/solver.py" "$probe/libsolver.so")" "wrong 0 counts 2 True" \
	"a library of Python's that counts once: its teams are as it counted"
kill $shaking
wait $shaking 2>/dev/null

cat >"$work/evaluate.py" <<'END'
import os, time
import numexpr
import numpy as np
a = np.arange(100000.0)
def tasks(wanted):
    deadline = time.monotonic() + 10
    while len(os.listdir("/proc/self/task")) != wanted and time.monotonic() < deadline:
        assert numexpr.evaluate("a * 2")[7] == 14
    return len(os.listdir("/proc/self/task"))
print(tasks(4))
numexpr.set_num_threads(2)
print(tasks(3))
END
is "$(OPENBLAS_NUM_THREADS=1 NUMEXPR_MAX_THREADS=8 NUMEXPR_NUM_THREADS=8 \
	on_cpus 8 3 "$python" "$work/evaluate.py")" "4
3" "numexpr: its pool is the share, or what it sets"

# numba's own count, by a stand-in for a layer of it: lowered when it is launched, never raised.
is "$(on_cpus 8 4 "$python" "$root/tests/probe/numba.py" "$probe/libnumba.so")" "before -1
launched 4
less 2
more 4
child 2
child 2" "numba: its share at first contact, and no more"
done_testing
