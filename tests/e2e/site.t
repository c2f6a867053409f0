#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that carry the shim and that no ration began, as on a site that has it in all of them:
# their user's budget, how they come by it, and what they notice of that.
. "$(dirname "$0")/../lib.sh"

user=$(id -un)
export RATION_CONF="$work/site.conf" XDG_CONFIG_HOME="$work/config"
mkdir "$work/config"
site()
{
	printf '%b' "$1" >"$RATION_CONF"
}
# guest COMMAND...: with the shim, on a machine of eight CPUs, and nobody's job.
guest()
{
	FAKE_CPUS=8 LD_PRELOAD="$shim:$probe/libfake.so" timeout 60 "$@" 2>&1
}
fresh()
{
	"$probe/forget" "$_RATION_LEDGER" >/dev/null
}
ledger()
{
	"$build/rationctl" status | sed -n '1s/.* budget \([0-9]*\) .*/\1/p'
}
# started COMMAND...: how many resolvers a command starts.
started()
{
	FAKE_CPUS=8 strace -f -qq -e trace=execve -o "$work/trace" \
		env LD_PRELOAD="$shim:$probe/libfake.so" "$@" >/dev/null 2>&1
	grep -c -e '--resolve' "$work/trace"
}
# calm: so long that a resolver that failed may be tried again.
calm()
{
	sleep 1.1
}

site 'default { cores = 3 }'
is "$(guest nproc)" 3 "the budget is the user's"
is "$(ledger)" 3 "and the ledger's"
is "$(guest env RATION_CORES=2 nproc)" 2 "RATION_CORES can be less"
is "$(guest env RATION_CORES=5 nproc)" 3 "but not more"
is "$(guest "$debian" -c 'import os; print(os.cpu_count(), len(os.sched_getaffinity(0)))')" "3 3" \
	"in Python too"
site 'default { cores = 25% }'
is "$(guest nproc)" 2 "a changed file holds for the next program; a percentage is of the CPUs seen"
site "default { cores = 3 }\nuser \"$user\" { cores = 5 }"
is "$(guest nproc)" 5 "one's own section goes before default"
echo 'cores = 4' >"$XDG_CONFIG_HOME/ration.conf"
is "$(guest nproc)" 4 "one's own file can lower"
rm "$XDG_CONFIG_HOME/ration.conf"
is "$(guest nproc)" 5 "and is missed when it is gone"
is "$(FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" ration -n 2 env \
	LD_PRELOAD="$shim:$probe/libfake.so" nproc)" 2 "ration -n still says less"
is "$(guest env RATION_CORES=3 "$build/ration" -n 4 nproc)" 4 \
	"ration itself, with the shim in it, is not led astray by RATION_CORES"

# Exempt, off, or without a budget: as if we were not there.
bare=$(FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" "$probe/cpus")
for text in 'default { exempt = true cores = 2 }' 'default { }' ''; do
	site "$text"
	is "$(guest "$probe/cpus")" "$bare" "'$text': the whole machine"
done
is "$(guest env OPENBLAS_NUM_THREADS=7 "$wheels" -c '
import numpy, os
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))')" "7 7" \
	"its BLAS has the threads it asked for"
is "$(guest env OPENBLAS_NUM_THREADS=7 "$wheels" -c '
import numpy
print([line for line in open("/proc/self/maps") if "SYSV" in line])')" "[]" \
	"and it keeps no shared memory"
is "$(guest env RATION_CORES=2 nproc)" 2 "but who names a number has it"
site 'default { cores = 2 }'
is "$(guest env RATION_OFF=1 nproc)" 8 "RATION_OFF=1"
site 'default { cores = 2 locked = true }'
if [ "$(id -u)" = 0 ]; then
	is "$(guest env RATION_OFF=1 nproc)" 8 "is always root's way out"
else
	is "$(guest env RATION_OFF=1 nproc)" 2 "is not heeded where the user is locked"
fi

# A file that is bad changes nothing.
site 'default { cores = 3 }'
is "$(guest nproc)" 3 "a good file"
site 'default { corse = 3 }'
is "$(guest nproc)" 3 "a bad one: the last good budget stays"
site 'default { cores = 4 }'
is "$(guest nproc)" 4 "until it is mended"
fresh
site 'default {'
is "$(guest nproc)" 8 "bad from the start: nobody has a budget"

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
# bad_files: whatever is in the place of the file, a program keeps its four cores, and so does the
# next one. Looked at after a time in which every guest has looked at the file.
bad_files()
{
	for text in 'default { cores = 2' 'default { cores = 0 }' 'user "x" { cores = 5000 }' \
		'default { cores = 2 }\ndefault { cores = 1 }' 'default { cores = 2 } \001' \
		'user "x" { cores = 1 }\nuser "x" { }' \
		'include("nothing")\ndefault { cores = 2 }'; do
		site "$text"
		unmoved "$text"
	done
	site 'default { cores = 2 }'
	chmod 666 "$RATION_CONF"
	unmoved "writable by all"
	rm "$RATION_CONF"
	mkdir "$RATION_CONF"
	unmoved "a directory"
	rmdir "$RATION_CONF"
	mkfifo "$RATION_CONF"
	unmoved "a FIFO"
	rm "$RATION_CONF"
	truncate -s 2M "$RATION_CONF"
	unmoved "huge"
	rm "$RATION_CONF"
	ln -s /dev/zero "$RATION_CONF"
	unmoved "without an end"
	rm "$RATION_CONF"
	site 'default { cores = 3 }'
	is "$(shares 3)" 3 "and a good one holds at once"
}
unmoved()
{
	sleep 1.2
	got=$("$build/rationctl" status | awk '$NF == "python3" { print $6 }')
	is "$got $(guest nproc)" "4 4" "a program keeps its cores, and the next has them: $1"
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
	echo 'cores = 3' >"$XDG_CONFIG_HOME/ration.conf"
	is "$(shares 3)" 3 "${begun:+ration }the own file is looked at, too"
	rm "$XDG_CONFIG_HOME/ration.conf"
	is "$(shares 4)" 4 "${begun:+ration }and missed"
	[ -n "$begun" ] || bad_files
	kill $guest
	wait $guest 2>/dev/null
done
use wheel

# Nothing of it is seen from within.
site 'default { cores = 3 }'
fresh
is "$(guest "$probe/child")" "online 3, errno 4321, signals 0, wait -1 ECHILD" \
	"no signal, and nothing to wait for"
fresh
is "$(guest "$probe/child" ignoring)" "online 3, errno 4321, signals 0, wait -1 ECHILD" \
	"nor where SIGCHLD is ignored"
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

# Who starts one, and what it inherits.
fresh
is "$(started true)" 0 "true starts nothing"
is "$(started sh -c 'true | cat')" 0 "nor does a shell"
is "$(started "$debian" -c 'import threading, ssl; threading.Thread(target=print).start()')" 0 \
	"nor Python with a thread, and OPENSSL_CONF asked for"
is "$(started nproc)" 1 "who asks for the number of CPUs starts one"
is "$(started nproc)" 0 "whoever comes after it starts none"
fresh
use wheel
is "$(started "$python" -c 'import numpy')" 1 "so does who loads a runtime"
fresh
cat >"$work/ration" <<'END'
#!/usr/bin/python3 -IS
import os, sys
with open(os.path.dirname(sys.argv[0]) + "/saw", "w") as saw:
    links = [os.readlink(f"/proc/self/fd/{fd}") for fd in range(3)]
    names = sorted(name for name in os.environ if name != "LC_CTYPE")
    held = [line.split()[1] for line in open("/proc/self/status") if line.startswith("SigBlk")]
    print(sys.argv[1:], links, len(os.listdir("/proc/self/fd")), *names, *held, file=saw)
END
cp "$shim" "$work/libration.so"
chmod +x "$work/ration"
FAKE_CPUS=8 LD_PRELOAD="$work/libration.so:$probe/libfake.so" SECRET=1 HOME=/ nproc 9</dev/null \
	>"$work/out"
nothing="'/dev/null'"
is "$(cat "$work/saw")" "['--resolve', '8'] [$nothing, $nothing, $nothing] 5 HOME RATION_CONF \
XDG_CONFIG_HOME _RATION_LEDGER _RATION_SELF fffffffffffbfeff" \
	"it has the descriptors and variables it needs, and every signal is held"
is "$(cat "$work/out")" 8 "one that does nothing: as before"

# A resolver that is missing, fails or hangs costs a moment at most, and not every time.
calm
rm "$work/ration"
is "$(FAKE_CPUS=8 LD_PRELOAD="$work/libration.so:$probe/libfake.so" nproc 2>&1)" 8 "no resolver"
printf '#!/bin/sh\nexec sleep 61.5\n' >"$work/ration"
chmod +x "$work/ration"
calm
cat >"$work/late.py" <<'END'
import os, time
start = time.monotonic()
print(os.cpu_count(), end=" ")
print(time.monotonic() - start < 5)
END
is "$(FAKE_CPUS=8 LD_PRELOAD="$work/libration.so:$probe/libfake.so" "$debian" "$work/late.py")" \
	"8 True" "one that hangs is not waited for"
hung=$(pgrep -x -f "sleep 61.5")
like "$hung" '^[0-9]+$' "it goes on alone"
kill -9 "$hung"
calm
is "$(FAKE_CPUS=8 LD_PRELOAD="$work/libration.so:$probe/libfake.so" "$debian" -c '
import ctypes, os
ctypes.CDLL(None).prctl(36, 1)
print(os.cpu_count())
try: print(os.wait())
except ChildProcessError: print("nobody")' | tr '\n' ' ')" "8 nobody " \
	"a guest that inherits orphans does not get this one"
done_testing
