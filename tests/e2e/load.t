#!/bin/sh
# SPDX-License-Identifier: MIT
# What OpenBLAS is told when it is loaded: the wish, or the budget if that is less, wherever the
# wish comes from. Threads are counted by the kernel.
. "$(dirname "$0")/../lib.sh"
load=$root/tests/probe/load.py

# told NAME: budget 4 of 8 CPUs; each wish set by the shell, then by the program, before the import.
told()
{
	for wish in 1 2 4 5 70; do
		told=$((wish < 4 ? wish : 4))
		loaded=$told
		[ "$flavour" = openmp ] && loaded=1 # its team begins with the first call
		want="loaded $loaded, after a call $told, answers $told"
		is "$(on_cpus 8 4 env "$1=$wish" "$python" "$load")" "$want" \
			"$flavour: $1=$wish, shell"
		is "$(on_cpus 8 4 "$python" "$load" "$1=$wish")" "$want" \
			"$flavour: $1=$wish, program"
	done
}

for flavour in $flavours; do
	use "$flavour"
	if [ "$flavour" = openmp ]; then # it reads no other
		told OMP_NUM_THREADS
		is "$(on_cpus 8 4 "$python" "$load")" "loaded 1, after a call 4, answers 4" \
			"$flavour: unset"
	else
		told OPENBLAS_NUM_THREADS
		is "$(on_cpus 8 4 "$python" "$load")" "loaded 4, after a call 4, answers 4" \
			"$flavour: unset"
	fi
done

flavour=wheel
use $flavour
told GOTO_NUM_THREADS
told OMP_NUM_THREADS
four="loaded 4, after a call 4, answers 4"
for value in 0 -1 abc 70,2; do
	is "$(on_cpus 8 4 env "OMP_NUM_THREADS=$value" "$python" "$load")" "$four" \
		"wheel: OMP_NUM_THREADS=$value is no wish of less than 4"
done
is "$(on_cpus 8 4 env OMP_NUM_THREADS=3,2 "$python" "$load")" \
	"loaded 3, after a call 3, answers 3" "wheel: OMP_NUM_THREADS=3,2 is one"
is "$(on_cpus 8 4 env OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=3 "$python" "$load")" \
	"loaded 2, after a call 2, answers 2" "wheel: OPENBLAS_NUM_THREADS goes first"
is "$(on_cpus 8 4 env OPENBLAS_NUM_THREADS=70 "$python" -c '
import os, numpy
print(os.environ["OPENBLAS_NUM_THREADS"], os.getenv("OPENBLAS_NUM_THREADS"))')" "70 70" \
	"what the program set it reads back"
is "$(on_cpus 8 4 "$python" -c 'import scipy.linalg, blas
print([copy.pool() for copy in blas.copies()], blas.tasks())')" "[4, 4] 7" \
	"numpy and scipy bring a copy each, and both are told"

for linked in linked static exported; do
	is "$(on_cpus 8 4 "$probe/$linked")" "threads 4, used 4" "a $linked OpenBLAS: unset"
	is "$(OPENBLAS_NUM_THREADS=2 on_cpus 8 4 "$probe/$linked")" "threads 2, used 2" "2"
	is "$(OPENBLAS_NUM_THREADS=70 on_cpus 8 4 "$probe/$linked")" "threads 4, used 4" "70"
done
# What it reads back at first may be of the other thread's call.
like "$(OPENBLAS_NUM_THREADS=1 on_cpus 8 2 "$probe/second" 2 | xargs)" \
	"^threads 1, used 1 set 2, get [12], used 1, get 1$" \
	"a thread of a program that carries OpenBLAS is no worker: two share"

is "$(on_cpus 8 4 "$python" -c 'import numpy, os
for task in sorted(map(int, os.listdir("/proc/self/task"))):
    print(open(f"/proc/self/task/{task}/comm").read().rstrip())')" "python
openblas
openblas
openblas" "threads say whose they are"
use openmp
is "$(OMP_NUM_THREADS=70 on_cpus 8 4 "$probe/linked")" "threads 4, used 4" "linked, on OpenMP: 70"
is "$(on_cpus 8 4 "$probe/linked")" "threads 4, used 4" "unset"
done_testing
