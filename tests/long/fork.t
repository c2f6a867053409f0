#!/bin/sh
# SPDX-License-Identifier: MIT
# What we cure: without us a child of a process that has used OpenBLAS on OpenMP hangs in libgomp
# (12). And many forks: none of them may hang, or be wrong.
. "$(dirname "$0")/../lib.sh"
forks=$root/tests/probe/forks.py

use openmp
for how in once thread; do
	OMP_NUM_THREADS=2 timeout 10 "$python" "$forks" $how >"$work/out" 2>&1
	is "$? $(cat "$work/out")" "124 parent True" \
		"upstream, $how: the parent is right, a child hangs"
done
cat >"$work/many.py" <<'END'
# Forks while another thread is forking, each child with a pool of its own.
import multiprocessing, os, threading
import numpy as np
multiprocessing.set_start_method("fork")  # the default before Python 3.14
a = np.random.default_rng(1).standard_normal((200, 200)) + 20 * np.eye(200)
def right(_=0):
    return bool(np.allclose(np.linalg.inv(a) @ a, np.eye(200), atol=1e-9))
def child():
    with multiprocessing.Pool(2) as pool:
        ok = all(pool.map(right, range(4)))
        pool.close()
        pool.join()
    os._exit(0 if ok and right() else 1)
def fork(count):
    for _ in range(count):
        pid = os.fork()
        pid or child()
        ended.append(os.waitpid(pid, 0)[1])
ended = []
right()
crew = [threading.Thread(target=fork, args=(20,)) for _ in range(2)]
[thread.start() for thread in crew]
[thread.join() for thread in crew]
print(len(ended), "ended,", sum(status != 0 for status in ended), "wrong, parent", right())
END
for flavour in wheel pthread openmp; do
	use $flavour
	limit_s=120
	is "$(on_cpus 4 4 "$python" "$work/many.py" 2>&1)" "40 ended, 0 wrong, parent True" \
		"$flavour: 40 children from two threads, with a pool each"
done
done_testing
