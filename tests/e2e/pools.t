#!/bin/sh
# SPDX-License-Identifier: MIT
# What the workers of pools are granted: all of a budget of six, fairly, from the first call on.
. "$(dirname "$0")/../lib.sh"
pool=$root/tests/probe/pool.py

# Matrices are left alone by the kernel's huge pages, which would cost more than the calls.
export NUMPY_MADVISE_HUGEPAGE=0

# fair HOW WORKERS CALLS SHARES. Whoever is in a long call stays as he began: where other load keeps
# a worker away from all CPUs for half a second, the rest have begun without him.
fair()
{
	is "$(until_says "$4" on_cpus 6 6 "$python" "$pool" "$1" "$2" "$3")" "$4" \
		"$flavour: $1 of $2, $3 calls: $4"
}

flavour=wheel
use $flavour
for how in Pool Process; do
	for calls in short long; do
		fair $how 1 $calls "6"
		fair $how 2 $calls "3 3"
		fair $how 3 $calls "2 2 2"
		fair $how 4 $calls "2 2 1 1"
		fair $how 6 $calls "1 1 1 1 1 1"
		fair $how 8 $calls "1 1 1 1 1 1 1 1"
	done
done
for flavour in pthread openmp; do
	use $flavour
	fair Pool 1 short "6"
	fair Pool 2 long "3 3"
	fair Pool 4 short "2 2 1 1"
	fair Pool 6 long "1 1 1 1 1 1"
	fair Process 3 short "2 2 2"
done

# With 64 CPUs claimed, a wish of 64, and a budget of 6.
for flavour in wheel pthread; do
	use $flavour
	for wish in unset 64; do
		env=
		[ $wish = unset ] || env="OPENBLAS_NUM_THREADS=$wish OMP_NUM_THREADS=$wish"
		# shellcheck disable=SC2086
		on_cpus 64 6 env $env "$python" "$root/tests/probe/wide.py" >"$work/wide" 2>&1
		is "$(sed -n 1p "$work/wide")" "parent 6 6 6" "$flavour, $wish: a parent has 6"
		is "$(wc -l <"$work/wide")" 4 "$flavour, $wish: all was said"
		is "$(awk '{ for (i = 2; i <= NF; i++) if ($i > 6) print }' "$work/wide")" "" \
			"$flavour, $wish: nobody ever has more"
	done
done
done_testing
