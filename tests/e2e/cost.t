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
with=$(per_call ration)
at_least "$without" 500 "a product of 8 x 8 takes $without instructions without us"
at_most $((with - without)) 140 "and $with with us"

# Of that, each passage of a gate: to ask whether anything has changed, and all that a gate does.
ration env OPENBLAS_THREAD_TIMEOUT=4 valgrind --tool=callgrind --callgrind-out-file="$work/calls" \
	"$probe/calls" "$library" 20000 >/dev/null 2>&1
callgrind_annotate --threshold=100 "$work/calls" >"$work/list"

# spent FILE: instructions of pass() that stem from that file, for each time that it was called.
passed=$(sed -n 's/.*=> .*:pass (\([0-9,]*\)x).*/\1/p' "$work/list" | tr -d , | head -n 1)
spent()
{
	total=$(grep "$1:pass\\( \\[\|\$\)" "$work/list" | sed 's/^ *//; s/ .*//; s/,//g; q')
	echo $((${total:-0} / ${passed:-1}))
}
ask=$(spent guest.h)
all=$((ask + $(spent blas-pthread.c)))
at_least "$ask" 5 "a gate asks with $ask instructions whether anything is to do"
at_most "$ask" 20 "and no more"
at_most "$all" 40 "$all with what the copy of OpenBLAS was told last"

# Of an exec, what we add to what any library costs that is preloaded: an empty one.
echo | "${CC:-cc}" -shared -nostdlib -xc -o "$work/empty.so" -
# shellcheck disable=SC2086
without=$(instructions env LD_PRELOAD="$work/empty.so" $callgrind /bin/true)
# shellcheck disable=SC2086
with=$(instructions ration $callgrind /bin/true)
at_least "$without" 50000 "/bin/true takes $without with an empty library"
at_most $((with - without)) 5000 "and $with with us"
done_testing
