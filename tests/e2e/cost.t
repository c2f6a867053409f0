#!/bin/sh
# SPDX-License-Identifier: MIT
# What a call, and carrying the shim, cost: instructions, as callgrind counts them.
. "$(dirname "$0")/../lib.sh"
use wheel
library=$("$python" -c 'import numpy, blas; print(blas.copy().path)')
limit_s=120

# instructions COMMAND...: of that program, under whatever the words before it say.
instructions()
{
	"$@" 2>&1 | sed -n 's/.*Collected : //p'
}
# Workers of OpenBLAS that spin would be counted too: they shall not.
callgrind="env OPENBLAS_THREAD_TIMEOUT=4 valgrind --tool=callgrind --callgrind-out-file=/dev/null"

# per_call COMMAND...: the difference between a long run and a short one, for each call of it.
# shellcheck disable=SC2086 # the words of callgrind, here and below
per_call()
{
	short=$(instructions "$@" $callgrind "$probe/calls" "$library" 1000)
	long=$(instructions "$@" $callgrind "$probe/calls" "$library" 41000)
	echo $(((long - short) / 40000))
}
without=$(per_call env)
# Rounds are held by the clock: beside other load more of them come to so many calls.
for try in 1 2 3; do
	with=$(per_call ration)
	[ $((with - without)) -gt 280 ] || break
	[ $try = 3 ] || echo "# try $try: $with" >&2
done
at_least "$without" 500 "a product of 8 x 8 takes $without instructions without us"
at_most $((with - without)) 280 "and $with with us, and what is done now and then"

# spent CALLS FUNCTION...: instructions in these functions of ours, for each call.
spent()
{
	many=$1
	shift
	for name in "$@"; do
		grep -E "[:/]$name('2)?( \\[|\$)" "$work/list"
	done | sed 's/^ *//; s/ .*//; s/,//g' |
		awk -v many="$many" '{ all += $1 } END { printf "%d\n", all / many }'
}

# listed COMMAND...: what that takes, function by function.
listed()
{
	ration env OPENBLAS_THREAD_TIMEOUT=4 LD_LIBRARY_PATH="$(dirname "$library")" \
		valgrind --tool=callgrind --callgrind-out-file="$work/calls" "$@" >/dev/null 2>&1
	callgrind_annotate --threshold=100 "$work/calls" >"$work/list"
}

# What is told of that by our own functions, where nothing changes: at what is published, where it
# shows nothing else, and inside. Under valgrind some thousand instructions take as long as it lasts
# until the clock is looked at again; so the whole is not what a call costs.
published="call_stubs call_enter call_begin guest_land"
cp "$library" "$work/closed.so"
"$wheels" "$root/tests/probe/close.py" "$work/closed.so"
for which in "$library" "$work/closed.so"; do
	listed "$probe/calls" "$which" 20000
	# shellcheck disable=SC2086
	all=$(spent 20000 $published gate_0 pass)
	at_least "$all" 60 "$(basename "$which"): $all instructions for begin and end"
	at_most "$all" 200 "and no more"
done
listed "$probe/calls" "$work/closed.so" 20000 within
# shellcheck disable=SC2086
all=$(spent 20000 $published)
at_least "$all" 15 "$all for one within another, whose end is of no interest"
at_most "$all" 60 "and no more"

# What LAPACK calls itself is met where it may come to threads, and so not on vectors: of 80 000
# instructions for the eigenvalues of 8 x 8 it would be 7 300.
debian=$(find /usr/lib/*/openblas-pthread/libopenblas.so.0)
listed "$probe/calls" "$debian" 500 eigen
# shellcheck disable=SC2086
all=$(spent 500 $published)
at_least "$all" 500 "$all for what LAPACK calls itself"
at_most "$all" 4000 "and no more"

# Of an exec, what we add to what any library costs that is preloaded: an empty one.
echo | "${CC:-cc}" -shared -nostdlib -xc -o "$work/empty.so" -
# shellcheck disable=SC2086
without=$(instructions env LD_PRELOAD="$work/empty.so" $callgrind /bin/true)
# shellcheck disable=SC2086
with=$(instructions ration $callgrind /bin/true)
at_least "$without" 50000 "/bin/true takes $without with an empty library"
at_most $((with - without)) 5000 "and $with with us"
done_testing
