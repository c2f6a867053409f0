#!/bin/sh
# SPDX-License-Identifier: MIT
# A container with an older libc (Debian 11, glibc 2.31: threads in a library of their own), into
# which the library is bound: programs run in silence, are told their budget, and are left as they
# were.
. "$(dirname "$0")/lib.sh"

old=$work/old
mkdir "$old" "$work/over/old" "$work/over/older"
mount -t overlay -o "lowerdir=$build/site/old,upperdir=$work/over/old,workdir=$work/over/older" \
	overlay "$old"
mount -t proc proc "$old/proc"
mkdir "$old/var/probe"
cp "$shim" "$old/var/probe/libration.so"
for name in restless error namesakes saved variables shared leaps stack; do
	cp "$root/tests/probe/$name.c" "$old/var/probe"
done
cp "$root/tests/probe/libwaits.c" "$old/var/probe"
inside()
{
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C OMP_NUM_THREADS=7 "$@" 2>&1
	echo "status $?"
}
plain()
{
	inside timeout 100 chroot "$old" "$@"
}
loaded()
{
	inside RATION_CORES=1 timeout 100 chroot "$old" env LD_PRELOAD=/var/probe/libration.so "$@"
}

is "$(plain sh -c 'cd /var/probe; sed -i s/_SC_MINSIGSTKSZ/_SC_PAGESIZE/ stack.c
	for c in [!l]*.c leaps.c; do cc -w -O1 -pthread -o "${c%.c}" "$c" -ldl || exit 1; done
	cc -w -shared -fPIC -pthread -o libwaits.so libwaits.c')" "status 0" "probes, built there"
is "$(loaded /bin/echo hello)" "hello
status 0" "echo"
is "$(loaded env -u OMP_NUM_THREADS nproc)" "1
status 0" "nproc is told the budget"
for line in error namesakes 'restless 200' variables shared; do
	name=${line%% *}
	# shellcheck disable=SC2086 # the words of a command
	without=$(plain /var/probe/$line | sed 's/parent .*/parent 1/')
	# shellcheck disable=SC2086
	is "$(loaded /var/probe/$line)" "$without" "$name"
	like "$without" '^status 0' "which works without us"
done
is "$(loaded /var/probe/saved)" "$(plain /var/probe/saved)" "a mask that is put back"
for what in sysconf nprocs affinity thread prctl getenv; do
	is "$(loaded env WAITS=$what python3 -c '
import ctypes
ctypes.CDLL("/var/probe/libwaits.so")')" "status 0" \
		"a constructor waits for a thread that asks: $what"
done
for call in sysconf sched_getaffinity pthread_setaffinity_np getenv; do
	without=$(plain env LD_BIND_NOW=1 /var/probe/stack $call | head -n 1)
	with=$(loaded env LD_BIND_NOW=1 /var/probe/stack $call | head -n 1)
	at_most $((with - without)) 512 "$call: $without bytes of stack, $with with us"
done
is "$(loaded python3 -c 'import os, numpy as np
a = np.ones((300, 300)); a @ a; print(len(os.listdir("/proc/self/task")))')" "1
status 0" "NumPy has a thread"
umount -R -l "$old"
done_testing
