#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest is left as it was: whatever it is in the middle of when it calls what we hook, nothing is
# locked, lost or called that would not be without us. CONTRIBUTING says which function may do what.
. "$(dirname "$0")/../lib.sh"
limit_s=30

# As a site has it, where no `ration` begins the program: with LD_PRELOAD alone; and under `ration`.
sited()
{
	RATION_CORES=1 LD_PRELOAD="$shim${behind:+:$behind}" timeout "$limit_s" "$@"
}
# in_both NAME WANTED COMMAND...: the same in both.
in_both()
{
	name=$1
	wanted=$2
	shift 2
	is "$(sited "$@" 2>&1; echo "status $?")" "$wanted" "$name"
	is "$(ration -n 1 "$@" 2>&1; echo "status $?")" "$wanted" "$name, under ration"
}

for what in sysconf nprocs affinity thread prctl getenv; do
	in_both "a library's constructor waits for a thread that asks: $what" "status 0" \
		env WAITS=$what "$debian" -c "import ctypes; ctypes.CDLL('$probe/libwaits.so')"
done
in_both "a program's functions that have names of libc's are not called" "status 0" \
	"$probe/namesakes"
in_both "dlerror(3) is kept" "status 0" "$probe/error"
in_both "forks while another thread starts threads" "hung 0
status 0" "$probe/restless" 400
in_both "a signal handler that leaps out of us" "leaps 300, nprocs 1
status 0" "$probe/leaps"
in_both "a child by vfork leaves its parent as it is" "child 0, parent 1
status 0" "$probe/shared"

# On the stack of whoever calls: no more than 512 bytes above what it takes without us, at the first
# call and with nothing left to bind. And the smallest of signal stacks will do.
for call in sysconf get_nprocs sched_getaffinity pthread_getaffinity_np sched_setaffinity \
	pthread_setaffinity_np pthread_attr_setaffinity_np prctl getenv secure_getenv \
	getenv-other; do
	without=$(LD_BIND_NOW=1 "$probe/stack" $call)
	for with in "$(LD_BIND_NOW=1 sited "$probe/stack" $call)" \
		"$(ration -n 1 env LD_BIND_NOW=1 "$probe/stack" $call)"; do
		at_most $((with - without)) 512 "$call: $without bytes of stack, $with with us"
	done
	in_both "$call on a small signal stack" "done
status 0" env LD_BIND_NOW=1 "$probe/stack" $call signal
done

# Who is no runtime reads what was set; and what is read stays as it is.
plain="OMP_NUM_THREADS=8,4
OPENBLAS_NUM_THREADS=7
MKL_NUM_THREADS=6
RAYON_NUM_THREADS=5
MC_CORES=4
GOMP_SPINCOUNT=(unset)
OPENBLAS_THREAD_TIMEOUT=(unset)
itself 8,4
status 0"
in_both "a program reads the variables as they are" "$plain" env OMP_NUM_THREADS=8,4 \
	OPENBLAS_NUM_THREADS=7 MKL_NUM_THREADS=6 RAYON_NUM_THREADS=5 MC_CORES=4 \
	"$probe/variables" OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS RAYON_NUM_THREADS \
	MC_CORES GOMP_SPINCOUNT OPENBLAS_THREAD_TIMEOUT

# A mask that is saved and put back is what it was; in the calls of 2004 too.
cpus=$(nproc)
at_least "$cpus" 2 "two CPUs, of which one is told"
in_both "a mask that a program saves and puts back" "bound 1, back $cpus $cpus, old 0 0 1
status 0" "$probe/saved"

# Sandboxes: nothing is called that a filter could forbid.
for how in filter child strict; do
	in_both "a $how by seccomp" "done
status 0" env OPENBLAS_NUM_THREADS=1 "$probe/sandboxed" $how
done
in_both "a filter that was inherited" "done
status 0" env OPENBLAS_NUM_THREADS=1 "$probe/sandboxed" exec "$probe/sandboxed" filter
is "$(ration -n 1 sh -c '"$1/sandboxed" exec nproc; "$1/rows" "$_RATION_LEDGER" | grep -c pid' \
	sh "$probe" 2>&1)" "$(nproc)
0" "a program that was begun under a filter is told all, and has no row"

# The other preloads.
behind=$probe/liblookup.so
is "$(sited nproc 2>&1)" 1 "one behind us that stands in front of dlsym"
behind=
is "$(RATION_CORES=1 LD_PRELOAD=$probe/liblookup.so:$shim nproc 2>&1)" 1 "one before us"

# Clocks that stand still: whatever waits comes to an end. With a pool of two in a forked child.
cat >"$work/forks.py" <<'END'
import os
import numpy as np
a = np.ones((300, 300))
a @ a
if not os.fork():
    print("child", (a @ a)[0, 0], flush=True)
    os._exit(0)
os.wait()
print("parent", (a @ a)[0, 0])
END
use pthread
for how in "env RATION_CORES=2 LD_PRELOAD=$shim:$probe/libfrozen.so timeout 30" \
	"ration -n 2 env LD_PRELOAD=$shim:$probe/libfrozen.so"; do
	# shellcheck disable=SC2086 # the words of a command
	is "$($how "$python" "$work/forks.py" 2>&1)" "child 300.0
parent 300.0" "a clock that stands still"
done
unset LD_LIBRARY_PATH

# Sanitizers, as gcc has them in libraries. ThreadSanitizer finds what it finds without us.
cc -g -O1 -fsanitize=thread -pthread -o "$work/race" "$root/tests/probe/race.c"
races()
{
	"$@" >"$work/races" 2>&1
	echo "status $?, $(grep -c 'WARNING: ThreadSanitizer: data race' "$work/races"), $(
		grep '^cpus' "$work/races")"
}
without=$(races "$work/race")
like "$without" '^status 66, [1-9]' "ThreadSanitizer finds a race"
is "$(races sited "$work/race")" "$without" "and the same with us"
is "$(races ration -n 1 "$work/race")" "$without" "and under ration"
# AddressSanitizer ends a program that has any preload before it: ration sees that coming.
cc -O1 -fsanitize=address -o "$work/overrun" "$root/tests/probe/overrun.c"
like "$(sited "$work/overrun" 2>&1)" 'ASan runtime does not come first' \
	"AddressSanitizer does not bear a preload"
is "$(ration -n 1 "$work/overrun" 2>&1)" "read 0, cpus $cpus" "under ration it has none"
printf '#!%s\n' "$work/overrun" >"$work/script"
chmod +x "$work/script"
is "$(PATH="$work:$PATH" ration -n 1 script 2>&1)" "read 0, cpus $cpus" "nor has a script for it"
like "$(ration -v -n 1 "$work/overrun" 2>&1)" '^ration: .*/overrun is made with a sanitizer' \
	"ration -v says so"
is "$(ASAN_OPTIONS=verify_asan_link_order=0 ration -n 1 "$work/overrun" 2>&1)" \
	"read 0, cpus 1" "one that is told to bear it, has it"
like "$(ASAN_OPTIONS=verify_asan_link_order=0 sited "$work/overrun" 8 2>&1)" \
	'heap-buffer-overflow' "and finds what it is for"

# A libc that is not glibc: silent, and absent.
musl-gcc -o "$work/musl" "$root/tests/probe/variables.c"
in_both "a program of musl" "OMP_NUM_THREADS=7
itself 7
status 0" env OMP_NUM_THREADS=7 "$work/musl" OMP_NUM_THREADS

# Ways out: with each of them nothing is asked, nor answered otherwise.
is "$(RATION_OFF=1 OMP_NUM_THREADS=4 ration -n 1 "$probe/saved")" "$("$probe/saved")" "RATION_OFF"
strace -f -qq -o "$work/off" env RATION_OFF=1 "$build/ration" -n 1 nproc >/dev/null 2>&1
is "$(grep -c 'libration\|shmget\|/proc/self/status' "$work/off")" 0 "and nobody is asked"
done_testing
