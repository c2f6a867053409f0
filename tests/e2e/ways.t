#!/bin/sh
# SPDX-License-Identifier: MIT
# Results stay right, and nothing waits for ever, while shares change at random: for each way in
# which an OpenBLAS is told its number, alone, in forked children, and in threads. dynsym: it shows
# its private names; symtab: its file does, as numpy's of 2.5.3 and later; published: nothing does.
# WAYS_CHANGES: so many are noticed in each, at least (tests/long has more).
. "$(dirname "$0")/../lib.sh"
export NUMPY_MADVISE_HUGEPAGE=0
changes=${WAYS_CHANGES:-60}
limit_s=${WAYS_S:-60}
here=$("$wheels" -c 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))')
for way in symtab published lies; do
	mkdir "$work/$way"
	cp -r "$here/numpy" "$here/numpy.libs" "$work/$way"
done
close=$root/tests/probe/close.py
"$wheels" "$close" "$work/symtab/numpy.libs/"libscipy_openblas* kept
"$wheels" "$close" "$work/published/numpy.libs/"libscipy_openblas*
"$wheels" "$close" "$work/lies/numpy.libs/"libscipy_openblas* false
use wheel

# The way is the one that it is called.
met()
{
	PYTHONPATH=$work/$1:$PYTHONPATH RATION_DEBUG=1 on_cpus 6 6 "$python" -c 'import numpy
import blas
print("shows", blas.copy().now())' 2>&1 |
		sed -n 's/.*names of its file are //p; s/.*OpenBLAS (pthread), //p; s/^shows //p'
}
ways="symtab published"
case $(nm -D "$here/numpy.libs/"libscipy_openblas*) in
*" blas_cpu_number"*)
	ways="dynsym $ways"
	is "$(met dynsym)" "every call, and inside
6" "a wheel that shows its private names" ;;
esac
is "$(met symtab)" "every call
right
0" "one whose file has them: they are believed, once proved"
is "$(met lies)" "every call
wrong
0" "one whose file has them wrong: they are not"
is "$(met published)" "every call
0" "one that has none"

for way in $ways; do
	for mode in alone forked threads; do
		"$probe/shake" "$_RATION_LEDGER" 6 &
		is "$(PYTHONPATH=$work/$way:$PYTHONPATH RATION_DEBUG=1 on_cpus 6 6 "$python" \
			"$root/tests/probe/ways.py" "$mode" "$changes" "$work" 2>"$work/said")" \
			"wrong 0 changes" "$way, $mode: $changes changes"
		kill $!
		wait $! 2>/dev/null
	done
done

# A child of a parent that has a pool of six, and has asked for two since, has two threads; where
# nothing is known but what is published, the parent's pool is made again, and four of it sleep: by
# themselves they would look for work for 2^26 ticks, some 30 ms of a CPU, and are told 2^18.
cat >"$work/child.py" <<'END'
import os, numpy as np, blas
a, copy = np.random.rand(300, 300), blas.copy()
a @ a
print("parent", blas.tasks(), flush=True)
copy.set(2)
if os.fork() == 0:
    a @ a
    before = blas.cpu_ns("self")
    for _ in range(100):
        a @ a
    after = blas.cpu_ns("self")
    print("child", blas.tasks(), "of them", sum(after[t] - before.get(t, 0) > 1e6 for t in after),
          "asleep since they began", sum(ns < 4e6 for ns in after.values()), flush=True)
    os._exit(0)
os.wait()
END
for way in $ways; do
	[ "$way" = published ] && tasks=6 || tasks=2
	is "$(PYTHONPATH=$work/$way:$PYTHONPATH on_cpus 6 6 env -u OPENBLAS_THREAD_TIMEOUT \
		"$python" "$work/child.py")" "parent 6
child $tasks of them 2 asleep since they began $((tasks - 2))" \
		"$way: threads of a forked child, and those of them that compute"
done
done_testing
