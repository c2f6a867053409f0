#!/bin/sh
# SPDX-License-Identifier: MIT
# Threads of one process whose calls last long divide its share, from the first call to the last.
. "$(dirname "$0")/../lib.sh"
use wheel
library=$("$python" -c 'import numpy, blas; print(blas.copy().path)')

# value NAME: of the last line that watch has written.
value()
{
	sed "s/.* $1=\([^ ]*\).*/\1/" "$work/seen"
}

# judged THREADS: as one run shows it. A sample counts until the next one, and the next one comes
# late where others have the CPUs.
# shellcheck disable=SC2317 # called by until_says
judged()
{
	on_cpus 6 4 "$build/demo/watch" -b 4 -s "$work/seen" -- \
		"$probe/lasting" "$library" "$1" 5 >"$work/shortest"
	awk -v over="$(value over)" -v running="$(value r_p50)" \
		'BEGIN { print (over <= 0.05 && running >= 4) ? "good" : over " " running }'
}

# Two calls of this library that have several threads each wait for one another: so each has all
# cores in its turn. Four have one each.
for threads in 2 4; do
	until_says good judged $threads >/dev/null
	at_least "$(cat "$work/shortest")" 100 "$threads threads: their calls last"
	at_most "$(value over)" 0.05 "no more than the budget runs"
	at_least "$(value r_p50)" 4 "and no less"
done

# What is no product waits for nobody: each thread has its part of 16 cores, 4 where four are in
# flight, 8 where two have been of late. LAPACK is made of both.
cat >"$work/mingle.py" <<'END'
import sys, threading, time
import numpy as np, blas
a, b, copy, seen = np.random.rand(250, 250), np.random.rand(2000, 2000), blas.copy(), []
call = {"svd": lambda: np.linalg.svd(a), "inv": lambda: np.linalg.inv(a),
        "vector": lambda: b @ b[0],
        "trsm": lambda: copy.long_call(a, 500)}[sys.argv[1]]
end = time.monotonic() + 2
def work():
    while time.monotonic() < end:
        call()
        seen.append(copy.now() if time.monotonic() > end - 1 else 0)
crew = [threading.Thread(target=work) for _ in range(4)]
for one in crew:
    one.start()
for one in crew:
    one.join()
seen = sorted(number for number in seen if number)
print(seen[len(seen) // 2])
END
for call in svd inv vector trsm; do
	at_most "$(on_cpus 16 16 "$python" "$work/mingle.py" $call)" 8 \
		"four threads of 16 cores have their part, not those of one: $call"
done

# On vectors a call seldom has threads: who makes a product beside it has more than its part of six.
cat >"$work/vectors.py" <<'END'
import threading, time
import numpy as np, blas
a, x, copy, over, seen = np.random.rand(400, 400), np.random.rand(9000), blas.copy(), [], []
def dot():
    while not over:
        x @ x
thread = threading.Thread(target=dot)
thread.start()
end = time.monotonic() + 2
while time.monotonic() < end:
    a @ a
    seen.append(copy.now())
over.append(True)
thread.join()
seen = sorted(seen[len(seen) // 2:])
print(seen[len(seen) // 2])
END
at_least "$(on_cpus 6 6 "$python" "$work/vectors.py")" 5 "a product beside calls on vectors"

# One call at a time, each in another thread: who is counted is who has a call in flight.
cat >"$work/rotate.py" <<'END'
from concurrent.futures import ThreadPoolExecutor
import time
import numpy as np, blas
a, copy = np.random.rand(300, 300), blas.copy()
crew = [ThreadPoolExecutor(1) for _ in range(4)]
seen = []
end = time.monotonic() + 0.6
while time.monotonic() < end:
    crew[len(seen) % 4].submit(lambda: a @ a).result()
    # Who has loaded the library counts for a moment, too.
    seen.append(copy.now() if time.monotonic() > end - 0.3 else 6)
print(min(seen))
END
for flavour in wheel pthread openmp; do
	use $flavour
	is "$(on_cpus 6 6 "$python" "$work/rotate.py")" 6 "$flavour: by turns each has all cores"
done

# Who makes a product of one thread computes, and waits for nobody: who calls beside it has the
# others, not all. Four have one each; the first of them has begun a long one when two are gone.
cat >"$work/beside.py" <<'END'
import threading, time
import numpy as np, blas
small, large = np.random.rand(200, 200), np.random.rand(2400, 2400)
copy, begun, gone, done = blas.copy(), *(threading.Event() for _ in range(3))
seen = []
def call():
    while not gone.is_set():
        small @ small
def call_on():
    call()
    while not done.is_set():
        small @ small
        seen.append(copy.now())
def long():
    alone = 0
    while alone < 50:
        small @ small
        alone = alone + 1 if copy.now() == 1 else 0
    begun.set()
    large @ large
    done.set()
crew = [threading.Thread(target=what) for what in (long, call_on, call, call)]
for thread in crew:
    thread.start()
begun.wait()
time.sleep(0.02)
gone.set()
for thread in crew:
    thread.join()
print(max(seen))
END
use wheel
is "$(on_cpus 6 4 "$python" "$work/beside.py")" 3 "beside a long product of one thread: the others"
done_testing
