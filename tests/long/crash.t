#!/bin/sh
# SPDX-License-Identifier: MIT
# Guests that are killed at any moment, a hundred of them: whatever they were doing in the ledger,
# those that live go on, and get all that is left.
. "$(dirname "$0")/../lib.sh"
limit_s=300

cat >"$work/storm.py" <<'END'
import multiprocessing, os, random, signal, time
import numpy as np
import blas
multiprocessing.set_start_method("fork")  # the default before Python 3.14
a = np.random.rand(200, 200)
def compute(number):
    while True:
        a @ a
        share[number] = blas_copy.now()
def begin(number):
    worker = multiprocessing.Process(target=compute, args=(number,), daemon=True)
    worker.start()
    return worker
blas_copy = blas.copy()
share = multiprocessing.RawArray("i", 6)
crew = [begin(i) for i in range(6)]
random.seed(1)
for _ in range(100):
    number = random.randrange(1, 6)
    time.sleep(random.random() * 0.05)
    crew[number].kill()
    crew[number].join()
    crew[number] = begin(number)
time.sleep(1)
print(*share)
for worker in crew[1:]:
    worker.kill()
deadline = time.monotonic() + 5
while share[0] != 6 and time.monotonic() < deadline:
    time.sleep(0.01)
print(share[0])
crew[0].kill()
for worker in crew:
    worker.join()
END
for flavour in wheel openmp; do
	use $flavour
	is "$(on_cpus 6 6 "$python" "$work/storm.py" 2>&1)" "1 1 1 1 1 1
6" "$flavour: a hundred kills"
done
use wheel
is "$(on_cpus 6 6 "$python" "$root/tests/probe/stopped.py" 100)" "both True
lent 100 of 100, back 100 of 100" "stopped at a hundred moments"
done_testing
