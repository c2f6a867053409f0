#!/bin/sh
# SPDX-License-Identifier: MIT
# What is left of guests that are killed, stopped, or become another program.
. "$(dirname "$0")/../lib.sh"
export ROWS="$probe/rows"

for flavour in wheel pthread openmp; do
	use $flavour
	for reaped in yes no; do
		is "$(on_cpus 6 6 "$python" "$root/tests/probe/killed.py" $reaped)" \
			"before: 1 1 1 1 1 1 1 1 1 1 1 rows 12 0 segments 1
after: 6 soon
rows 2 0" "$flavour: ten of eleven are killed; their parent looks: $reaped"
	done
done

use wheel
is "$(on_cpus 6 6 "$python" "$root/tests/probe/stopped.py" 5)" "both True
lent 5 of 5, back 5 of 5" "a stopped worker lends its cores, and has them back when it goes on"

# become COUNT: a program that computes, and becomes itself again so many times.
cat >"$work/become.py" <<'END'
import os, subprocess, sys
import numpy as np
a = np.ones((200, 200))
a @ a
left = int(sys.argv[1])
if left:
    os.execv(sys.executable, [sys.executable, sys.argv[0], str(left - 1)])
said = subprocess.run([os.environ["ROWS"], os.environ["_RATION_LEDGER"]],
                      stdout=subprocess.PIPE, text=True).stdout.splitlines()
print(len(said), said[0].split()[0] == str(os.getpid()))
END
is "$(on_cpus 6 6 "$python" "$work/become.py" 3)" "1 True" "exec keeps the row"
is "$(on_cpus 6 6 sh -c '"$0" "$1" 0; "$0" "$1" 0; "$0" "$1" 0' "$python" "$work/become.py")" \
	"1 True
1 True
1 True" "and who ended is found by who comes next"
done_testing
