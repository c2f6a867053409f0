#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that asks nothing is left alone: it hears nothing, prints nothing, and takes no memory.
. "$(dirname "$0")/../lib.sh"

# made COMMAND...: the system calls by which a ledger is made, and a guest's page of its own.
made()
{
	strace -f -qq -e trace=shmget,shmat,madvise -o "$work/trace" "$@" >/dev/null 2>&1
	grep -oE 'IPC_CREAT|shmat|MADV_WIPEONFORK' "$work/trace" | sort -u
}

for command in true 'ls /' 'sh -c :' 'cat /dev/null' "env -i LD_PRELOAD=$shim true"; do
	# shellcheck disable=SC2086 # the words of a command
	is "$(RATION_DEBUG=1 ration -n 1 $command 2>&1 >/dev/null)" "" \
		"$command: the shim is silent"
done
# Who watches for a fence is a process of its own, and no guest.
made_inside()
{
	made "$build/ration" -n 1 --fence=never "$@"
}
is "$(made_inside true)" "" "true makes no ledger"
is "$(made_inside sh -c 'true | cat')" "" "nor does a shell with children"
is "$(made_inside nproc)" "" "nor does one that only asks for the number of CPUs"
is "$(made_inside "$debian" -c 'import os; os.cpu_count()')" "" "nor does Python"
use wheel
is "$(made_inside "$python" -c 'import numpy')" "IPC_CREAT
MADV_WIPEONFORK
shmat" "numpy does: the witness sees"
is "$(ration "$python" -c 'import numpy as np; a = np.ones((99, 99)); a @ a' 2>&1)" "" \
	"and prints nothing all the same"
like "$(RATION_DEBUG=1 ration "$python" -c 'import numpy' 2>&1)" \
	'^ration\[[0-9]+\]: joined: a program, budget [0-9]+$' "unless it is asked to"

# Closed, full or short of descriptors: whatever we would have said or opened is not missed.
is "$(RATION_DEBUG=1 ration "$python" -c 'import numpy; print("fine")' 2>&-)" fine "stderr closed"
is "$(RATION_DEBUG=1 ration "$python" -c 'import numpy; print("fine")' 2>/dev/full)" fine \
	"stderr full"
cat >"$work/starve.py" <<'END'
import os, resource
import numpy as np
held = []
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
a = np.ones((200, 200))
pid = os.fork()
a @ a
if pid:
    pid, status = os.waitpid(pid, 0)
    print("parent", status, (a @ a)[0, 0])
END
is "$(on_cpus 4 3 "$python" "$work/starve.py" 2>&1)" "parent 0 200.0" "no descriptor left"
done_testing
