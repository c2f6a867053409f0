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

# The last bits go with the number of threads, without us too; one thread stays one.
use wheel
bits=$root/tests/probe/bits.py
one=$(OPENBLAS_NUM_THREADS=1 undisturbed 6 "$python" "$bits" 5)
four=$(OPENBLAS_NUM_THREADS=4 undisturbed 6 "$python" "$bits" 5)
is "$(printf '%s\n' "$one" "$four" | sort -u | wc -w)" 2 "one thread, and four: other bits"
"$probe/shake" "$_RATION_LEDGER" 6 &
OPENBLAS_NUM_THREADS=1 on_cpus 6 6 "$python" "$bits" 100 >"$work/bits.1"
on_cpus 6 6 "$python" "$bits" 10 >"$work/bits.6"
kill $!
wait $! 2>/dev/null
is "$(cat "$work/bits.1")" "$one" "one thread by hand: the same bits, however shares move"
at_least "$(wc -w <"$work/bits.6")" 2 "and without that those of several numbers of threads"
done_testing
