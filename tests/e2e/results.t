#!/bin/sh
# SPDX-License-Identifier: MIT
# Results are those of an undisturbed run while the share changes at random every 0.2 ms and three
# threads call. The same at full length is in tests/long.
. "$(dirname "$0")/../lib.sh"
each=${RESULTS_EACH:-30}

# The share is divided among the three: up to four threads for each of them.
for flavour in wheel pthread openmp; do
	use $flavour
	"$probe/shake" "$_RATION_LEDGER" 12 &
	on_cpus 12 12 "$python" "$root/tests/probe/results.py" "$each" >"$work/results" 2>&1
	kill $!
	wait $! 2>/dev/null
	is "$(grep -v threads "$work/results")" "inv 0 wrong
solve 0 wrong
eigh 0 wrong
svd 0 wrong
lu 0 wrong
cholesky 0 wrong" "$flavour: $each of each"
	like "$(cat "$work/results")" '^threads( [0-9]+){3}' \
		"$flavour: with changing numbers of threads"
done
done_testing
