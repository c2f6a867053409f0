#!/bin/sh
# SPDX-License-Identifier: MIT
# Processes that fork after they have computed, and what joins the ledger by it.
. "$(dirname "$0")/../lib.sh"
forks=$root/tests/probe/forks.py
limit_s=30

for flavour in $flavours; do
	use "$flavour"
	is "$(on_cpus 4 4 "$python" "$forks" once)" "parent True
child True grandchild True
parent True" "$flavour: a parent that has computed, its child, and its child's child"
	is "$(on_cpus 4 4 "$python" "$forks" thread)" "parent True
thread and its child True True child True" "$flavour: a fork in another thread than the first"
done
for flavour in wheel pthread openmp; do
	use $flavour
	# With a pool, a fork while another thread computes hangs OpenBLAS itself (0.3.21, 0.3.31).
	is "$(OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 on_cpus 4 4 "$python" "$forks" busy)" \
		"right children 40 wrong [] signals True" "$flavour: forks while others compute"
done
is "$(on_cpus 4 4 "$python" "$forks" busy)" "right children 40 wrong [] signals True" \
	"openmp: the same with teams"

# The pool of a parent is not made again in its children.
cat >"$work/pool.py" <<'END'
import multiprocessing, time
import numpy as np
import blas
multiprocessing.set_start_method("fork")  # the default before Python 3.14
a = np.random.rand(200, 200)
a @ a
print("parent", blas.tasks(), flush=True)
def work(_):
    barrier.wait()
    before, deadline = blas.tasks(), time.monotonic() + 0.3
    while time.monotonic() < deadline:
        a @ a
    barrier.wait()
    return before, blas.tasks(), blas.copy().pool()
barrier = multiprocessing.Barrier(2)
with multiprocessing.Pool(2) as pool:
    print(*pool.map(work, range(2), chunksize=1), sep="\n")
    pool.close()
    pool.join()
END
use wheel
is "$(on_cpus 6 6 "$python" "$work/pool.py")" "parent 6
(1, 3, 3)
(1, 3, 3)" "workers start with one thread, and make what their share needs"

# joined COMMAND...: how many processes joined the ledger.
joined()
{
	RATION_DEBUG=1 on_cpus 4 4 "$@" 2>&1 | grep -c ': joined: '
}
begin='import os, subprocess, numpy as np; a = np.ones((200, 200)); a @ a;'
is "$(joined "$python" -c "$begin")" 1 "a program that computes joins"
is "$(joined "$python" -c "$begin [subprocess.run(['true']) for _ in range(5)]")" 1 \
	"what it runs by vfork does not"
is "$(joined "$python" -c "$begin
for _ in range(5):
    os.waitpid(os.posix_spawnp('true', ['true'], os.environ), 0)")" 1 "nor by posix_spawn"
is "$(joined "$python" -c "$begin os.system('true; true')")" 1 "nor by system"
is "$(joined "$python" -c "$begin
for _ in range(3):
    pid = os.fork()
    pid or os._exit(0)
    os.waitpid(pid, 0)")" 4 "a forked child does"
use pthread
is "$(joined "$probe/clones")" 1 "a child by clone(2), that no handler hears of, does not"
is "$(joined "$probe/clones" compute)" 2 "until it computes"
is "$(on_cpus 4 4 "$probe/clones" compute)" "parent 4
child 1
parent 4" "and does its parent no harm"
done_testing
