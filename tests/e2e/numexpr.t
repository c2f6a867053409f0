#!/bin/sh
# SPDX-License-Identifier: MIT
# A forked worker of numexpr begins with one thread, not with the count of its parent, and has its
# share from the first safe point on.
. "$(dirname "$0")/../lib.sh"
use runtimes
cat >"$work/forks.py" <<'END'
import os, numpy as np, numexpr
a = np.random.rand(200000)
for _ in range(3):
    numexpr.evaluate("a + 1")
print("parent", numexpr.get_num_threads() > 1, flush=True)
if os.fork() == 0:
    print("child", numexpr.get_num_threads())
    right = all(np.allclose(numexpr.evaluate("a * 2 + 1"), a * 2 + 1) for _ in range(50))
    print("right", right, "more", numexpr.get_num_threads() > 1, flush=True)
    os._exit(0)
os.wait()
END
is "$(on_cpus 6 6 "$python" "$work/forks.py")" "parent True
child 1
right True more True" "a forked child"
done_testing
