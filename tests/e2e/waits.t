#!/bin/sh
# SPDX-License-Identifier: MIT
# Teams that wait: while their program does, they leave the CPUs to others, also where they were
# told to wait actively; and OpenBLAS waits for no more threads than a team may have.
. "$(dirname "$0")/../lib.sh"
mkdir "$work/llvm"
ln -s "$libomp" "$work/llvm/libgomp.so.1"

# Undisturbed they spin for hours (libgomp 12, LLVM 14).
for runtime in gcc llvm; do
	[ $runtime = gcc ] || export LD_LIBRARY_PATH="$work/llvm"
	is "$(OMP_WAIT_POLICY=active ration -n 2 "$probe/idles")" "team of 2, at rest" \
		"$runtime: an active policy"
	is "$(OMP_WAIT_POLICY=Active ration -n 2 "$probe/idles")" "team of 2, at rest" \
		"$runtime: in any spelling"
done
unset LD_LIBRARY_PATH
is "$(OMP_WAIT_POLICY=active GOMP_SPINCOUNT=infinite ration -n 2 "$probe/idles")" \
	"team of 2, spins" "a count of the program's own stands"

use openmp
for limit in 1 2 3; do
	for wish in '' 4; do
		is "$(OMP_THREAD_LIMIT=$limit on_cpus 4 4 timeout 20 \
			env ${wish:+OMP_NUM_THREADS=$wish} "$python" -c 'import numpy as np
a = np.arange(640000.).reshape(800, 800) % 7
print(int((a @ a).sum()))' 2>&1)" 4607972818 \
			"OpenBLAS on OpenMP: a limit of $limit, OMP_NUM_THREADS=${wish:-unset}"
	done
done
done_testing
