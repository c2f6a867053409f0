#!/bin/sh
# SPDX-License-Identifier: MIT
# Results stay right, and nothing waits for ever, while shares change at random: for each way in which
# an OpenBLAS is told its number, alone, in forked children, and in threads. dynsym: it shows its
# private names; symtab: its file does, as numpy's of 2.5.3 and later; published: nothing does.
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
		sed -n 's/.*private names of its file are //p; s/.*OpenBLAS (pthread), //p; s/^shows //p'
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
			"$root/tests/probe/ways.py" "$mode" "$changes" "$work/said" 2>"$work/said")" \
			"wrong 0 changes" "$way, $mode: $changes changes"
		kill $!
		wait $! 2>/dev/null
	done
done

# Workers that share the cores have no threads beyond those that they use; where nothing is known
# but what is published, the pool of the parent is made again, and sleeps.
cat >"$work/crew.py" <<'END'
import multiprocessing, time, numpy as np, blas
a, barrier = np.random.rand(200, 200), multiprocessing.Barrier(3)
def work(_):
    barrier.wait()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        a @ a
    barrier.wait()
    before = blas.cpu_ns("self")
    for _ in range(200):
        a @ a
    after = blas.cpu_ns("self")
    return len(after), sum(after[t] - before.get(t, 0) > 1e6 for t in after)
a @ a
with multiprocessing.Pool(3) as pool:
    print(sorted(pool.map(work, range(3), chunksize=1)))
END
crew()
{
	PYTHONPATH=$work/$1:$PYTHONPATH on_cpus 6 6 "$python" "$work/crew.py"
}
is "$(until_says "[(2, 2), (2, 2), (2, 2)]" crew symtab)" "[(2, 2), (2, 2), (2, 2)]" \
	"symtab: three workers share six, and have two threads each"
is "$(until_says "[(6, 2), (6, 2), (6, 2)]" crew published)" "[(6, 2), (6, 2), (6, 2)]" \
	"published: two of six threads compute"
done_testing
