#!/bin/sh
# SPDX-License-Identifier: MIT
# No more governed threads want a CPU than the ledger grants: ten minutes, in which workers are
# killed, are stopped, and start programs while they call. Sizes are for calls of a millisecond, of
# a tenth of a second and of two seconds of a core.
. "$(dirname "$0")/../lib.sh"
. "$root/tests/bound-lib.sh"
limit_s=120
use runtimes
# shellcheck disable=SC2086 # two words; one or none
for events in '' events; do
	for call in "inv 100" "inv 700" "inv 2000" "solve 900" "solve 2600" "cholesky 3000" \
		"eigh 60" "eigh 900" "svd 250" "svd 700" "matmul 100" "matmul 2600"; do
		at_work 16 10 fork 5 $call $events
	done
	for workers in 2 4 8 12; do
		at_work 16 8 spawn $workers inv 1500 $events
		at_work 64 8 fork $workers matmul 1500 $events
	done
	for call in "numexpr 700" "distances 3000"; do
		at_work 16 8 fork 4 $call $events
		at_work 16 8 spawn 3 $call $events
	done
done
# shellcheck disable=SC2086 # two words
for workers in 2 4; do
	for call in "matmul 300" "inv 1500" "svd 250"; do
		at_work 16 8 thread $workers $call
		at_work 64 8 thread $workers $call
	done
done

# Programs in C, begun one after another: the first keeps its number.
mkdir "$work/llvm"
ln -s "$libomp" "$work/llvm/libgomp.so.1"
for runtime in gcc llvm; do
	unset LD_LIBRARY_PATH
	[ $runtime = gcc ] || export LD_LIBRARY_PATH="$work/llvm"
	watched "$runtime: late comers" on_cpus 16 16 sh -c "
		timeout 10 $probe/team many 100000000 & sleep 2
		timeout 7 $probe/team many 100000000 & sleep 2
		timeout 4 $probe/team many 100000000; wait; :"
done
seldom_more
done_testing
