#!/bin/sh
# SPDX-License-Identifier: MIT
# Pythons: the ways in which the one at hand begins workers (3.14: by a server that forks them), and
# an interpreter without a lock, where numbers are not changed between two bytecodes.
. "$(dirname "$0")/../lib.sh"

use wheel
for how in fork forkserver spawn executor; do
	mkdir "$work/$how"
	crew=$(on_cpus 4 4 "$python" "$root/tests/probe/crew.py" $how "$work/$how" 2>&1)
	is "$crew" "2 2 200.0" "two workers, $how: each has half of four cores"
done

is "$(ration -n 2 "$probe/pretends" 2>&1)" "asked 1, threads 2" \
	"an interpreter is asked for a step between two bytecodes"
cc -DFREE -O1 -fopenmp -rdynamic -o "$work/free" "$root/tests/probe/pretends.c"
is "$(ration -n 2 "$work/free" 2>&1)" "asked 0, threads 2" "one with free threads is not"
done_testing
