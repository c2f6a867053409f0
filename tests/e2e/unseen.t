#!/bin/sh
# SPDX-License-Identifier: MIT
# The same programs while the site's budgets change, and what they notice of the shim: nothing.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/table-lib.sh
. "$root/tests/table-lib.sh"

# What runs is told by the leader of a round. Its share, as the ledger has it, until it is so.
use pthread
shares()
{
	for _ in $(seq 1 200); do
		got=$("$build/rationctl" status | awk '$NF == "python3" { print $6 }')
		[ "$got" = "$1" ] && break
		sleep 0.05
	done
	echo "$got"
}
busy='import numpy
a = numpy.random.rand(300, 300)
while True: a.dot(a)'
for begun in "" "$build/ration"; do
	fresh
	site 'default { cores = 5 }'
	# shellcheck disable=SC2086 # nothing, or a word
	FAKE_CPUS=8 OPENBLAS_THREAD_TIMEOUT=8 LD_PRELOAD="$shim:$probe/libfake.so" $begun \
		env LD_PRELOAD="$shim:$probe/libfake.so" "$python" -c "$busy" &
	guest=$!
	is "$(shares 5)" 5 "${begun:+ration }a program computes with its five cores"
	site 'default { cores = 2 }'
	is "$(shares 2)" 2 "${begun:+ration }it has two when the file says so"
	site 'default { corse = 3 }'
	sleep 1.5
	is "$(shares 2)" 2 "${begun:+ration }a bad file changes nothing"
	site 'default { cores = 4 }'
	is "$(shares 4)" 4 "${begun:+ration }nor does it prevent the next"
	own 'cores = 3'
	is "$(shares 3)" 3 "${begun:+ration }the own file is told, too"
	own 'cores = 1 1'
	site 'default { cores = 2 }'
	is "$(shares 2)" 2 "${begun:+ration }and does not keep the site's away when it is bad"
	own
	site 'default { cores = 4 }'
	is "$(shares 4)" 4 "${begun:+ration }and missed"
	# Another table in its place, as after a reinstallation; one that is damaged is none.
	echo garbage >"$work/other"
	mv "$work/other" "$_RATION_TABLE"
	is "$(guest nproc)" 8 "${begun:+ration }a damaged table is none"
	is "$(shares 4)" 4 "${begun:+ration }who has one keeps what it says"
	rm "$_RATION_TABLE"
	kill $guest
	wait $guest 2>/dev/null
done

# Enabled while it runs: found within a second or two.
fresh
FAKE_CPUS=8 OPENBLAS_THREAD_TIMEOUT=8 LD_PRELOAD="$probe/libfake.so" RATION_CONF="" \
	"$build/ration" 	env LD_PRELOAD="$shim:$probe/libfake.so" "$python" -c "$busy" &
guest=$!
is "$(shares 8)" 8 "begun before there is a table"
site 'default { cores = 3 }'
is "$(shares 3)" 3 "and told when there is one"
kill $guest
wait $guest 2>/dev/null
use wheel

# Nothing of it is seen from within.
site 'default { cores = 3 }'
fresh
is "$(guest "$probe/child")" "online 3, errno 4321, signals 0, wait -1 ECHILD" \
	"no signal, and nothing to wait for"
fresh
is "$(guest "$probe/child" ignoring)" "online 3, errno 4321, signals 0, wait -1 ECHILD" \
	"nor where SIGCHLD is ignored"
cat >"$work/alone.py" <<'END'
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
print(os.cpu_count(), libc.waitpid(-1, None, 0x40000000), ctypes.get_errno(), end=" ")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_minflt, len(os.listdir("/proc/self/fd")))
END
fresh
is "$(guest "$debian" "$work/alone.py")" "3 -1 10 0 0 $("$debian" -c '
import os
print(len(os.listdir("/proc/self/fd")))')" "no child of any kind, no descriptor is left"
fresh
is "$(guest unshare -Ur "$debian" -c '
import ctypes, os
libc = ctypes.CDLL(None)
assert libc.unshare(0x20000000) == 0
print(os.cpu_count(), flush=True)
if os.fork() == 0:
    os.write(1, b"pid %d\n" % os.getpid())
    os._exit(0)
os.wait()' | tr '\n' ' ')" "3 pid 1 " "the first child in a new pid namespace is the program's own"
# calls COMMAND...: what it and its children do of fork and exec, apart from the first.
calls()
{
	FAKE_CPUS=8 strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o "$work/trace" \
		env LD_PRELOAD="$shim:$probe/libfake.so" "$@" >/dev/null 2>&1
	grep -v -e ENOENT -e +++ "$work/trace" | tail -n +3 | wc -l
}
is "$(calls nproc)" 0 "who asks for the number of CPUs starts nothing"
is "$(calls "$wheels" -c 'import numpy')" 2 "nor does who loads a runtime, but for its threads"
# tables COMMAND...: how often it opens the table.
tables()
{
	FAKE_CPUS=8 strace -f -qq -e trace=open,openat -o "$work/trace" \
		env LD_PRELOAD="$shim:$probe/libfake.so" "$@" >/dev/null 2>&1
	grep -c -e "\"$_RATION_TABLE\"" "$work/trace"
}
is "$(tables true)" 0 "true does not open the table"
is "$(tables sh -c 'true | cat')" 0 "nor does a shell"
is "$(tables "$debian" -c 'import threading, ssl; threading.Thread(target=print).start()')" 0 \
	"nor Python with a thread, and OPENSSL_CONF asked for"
is "$(tables nproc)" 1 "who asks for the number of CPUs does, once"
is "$(tables "$debian" -c 'import os; print(os.cpu_count(), os.cpu_count())')" 1 "however often"
fresh
is "$(guest "$debian" -c '
import os, threading
held = threading.Thread(target=lambda: print(os.cpu_count()))
held.start(); held.join()
print(os.cpu_count())' | tr '\n' ' ')" "3 3 " "asked by a thread"
fresh
is "$(guest "$debian" -c '
import os, threading
seen = []
many = [threading.Thread(target=lambda: seen.append(os.cpu_count())) for _ in range(16)]
for one in many: one.start()
for one in many: one.join()
print(len(seen), set(seen))')" "16 {3}" "by many at once"
fresh
is "$(guest "$debian" -c '
import os
for _ in range(8):
    if os.fork() == 0:
        os.write(1, b"%d\n" % os.cpu_count())
        os._exit(0)
for _ in range(8): os.wait()' | sort | uniq -c | tr -s ' ')" " 8 3" "by many processes at once"

# A filter that ends the program at the first call that has to do with shared memory, or exec.
cat >"$work/sandbox.py" <<'END'
import ctypes, os, struct, sys
code = lambda op, jt, jf, k: struct.pack("HBBI", op, jt, jf, k)
program = code(0x20, 0, 0, 0)
for number in 29, 30, 31, 59:
    program += code(0x15, 0, 1, number) + code(0x06, 0, 0, 0x80000000)
program += code(0x06, 0, 0, 0x7fff0000)
held = ctypes.create_string_buffer(program)
class Filter(ctypes.Structure):
    _fields_ = ("length", ctypes.c_ushort), ("code", ctypes.c_void_p)
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.byref(Filter(len(program) // 8, ctypes.addressof(held)))) == 0
print(os.cpu_count())
END
fresh
if [ "$(uname -m)" = x86_64 ]; then
	is "$(guest "$debian" "$work/sandbox.py"; echo $?)" "8
0" "a program in a sandbox is left alone"
else
	verdict 0 "a program in a sandbox # SKIP the filter has the numbers of x86-64"
fi

done_testing
