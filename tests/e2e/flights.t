#!/bin/sh
# SPDX-License-Identifier: MIT
# What a call in flight may use stays counted until it ends, whatever happens meanwhile.
. "$(dirname "$0")/../lib.sh"
flights=$root/tests/probe/flights.py

for flavour in wheel pthread openmp; do
	use $flavour
	# With a pool of its own OpenBLAS hangs there, as it does without us (0.3.21, 0.3.31).
	[ $flavour = openmp ] &&
		is "$(on_cpus 6 6 "$python" "$flights" "$probe/rows" fork 2>&1)" "in a call 6
after a fork 6 True" "$flavour: another thread forks"
	is "$(on_cpus 6 6 "$python" "$flights" "$probe/rows" stop 2>&1)" "in a call 6
another has 1
after a stop 6 1 True" "$flavour: it is stopped for a moment"
	is "$(on_cpus 6 6 "$python" "$flights" "$probe/rows" fall 2>&1)" "in a call 6
another has 1
while it has 6 1
then 3 3" "$flavour: its share falls when it ends"
done

# The end of a region is not seen; who is in one, by its own CPU clock.
is "$(on_cpus 6 6 "$probe/region" "$probe/rows" "$_RATION_LEDGER" 2>&1)" \
	"in a region: alive busy share 6
after a fork: alive busy share 6
after its end: alive idle share 0" "OpenMP: another thread forks"

LD_LIBRARY_PATH=$blas_pthread
export LD_LIBRARY_PATH
is "$(on_cpus 6 6 "$probe/leapt" 6 2>&1)" "threads 6" "a handler leaps out of a gate"
done_testing
