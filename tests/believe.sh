#!/bin/sh
# SPDX-License-Identifier: MIT
# believe.sh RUNS [FILE.t]...: whether the tests can be believed. Each file so often on the machine
# as it is, and so often beside `stress-ng --cpu 4`; without files, all that make check runs. What
# failed is told, with the log of it; the sums stand at the end. BESIDE=quiet or stress: only that.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-$PWD/build}
export BUILD
runs=$1
shift
logs=$BUILD/believe
mkdir -p "$logs"
load=
trap '[ -z "$load" ] || kill "$load" 2>/dev/null' EXIT
trap 'exit 130' HUP INT TERM

# What make check gives to prove.
[ $# -gt 0 ] || {
	for unit in tests/unit/*.c; do
		set -- "$@" "$BUILD/${unit%.c}"
	done
	set -- "$@" tests/e2e/*.t
	[ "$(id -u)" != 0 ] || set -- "$@" tests/security/*.t
}

# again HOW FILE...: the runs; one that fails keeps its log.
again()
{
	how=$1
	shift
	for run in $(seq "$runs"); do
		begun=$(date +%s)
		log=$logs/$how.$run.log
		if ${PROVE:-prove} "$@" >"$log" 2>&1 </dev/null; then
			passed=$((passed + 1))
			verdict=passed
		else
			verdict="FAILED: $log"
			grep -E '^# .*: not ok |^  Failed test|^Parse errors|Bad plan' "$log"
		fi
		echo "$how, run $run: $verdict, $(($(date +%s) - begun)) s"
	done
}

failed=0
for how in ${BESIDE:-quiet stress}; do
	passed=0
	[ "$how" != stress ] || {
		stress-ng --quiet --cpu 4 &
		load=$!
	}
	again "$how" "$@"
	sums="${sums:-}$how: $passed of $runs runs passed
"
	[ "$passed" = "$runs" ] || failed=1
	[ -z "$load" ] || { kill "$load"; wait "$load"; } 2>/dev/null
	load=
done
printf '%s' "$sums"
exit "$failed"
