#!/bin/sh
# SPDX-License-Identifier: MIT
# `ration -v` stays as the parent: what it tells, and that the command does not notice.
. "$(dirname "$0")/../lib.sh"

number='[0-9]+'
seconds='[0-9]+\.[0-9]{2} s'
cores=$(getconf _NPROCESSORS_ONLN)
running="  running threads  mean $number\.[0-9], at most $number in 95 % of the time, peak $number"

# reports FILE REGEX...: the file has these lines, all of them, in this order.
reports()
{
	file=$1
	shift
	is "$(wc -l <"$file")" $# "a report of $# lines"
	line=0
	for regex; do
		line=$((line + 1))
		like "$(sed -n "${line}p" "$file")" "^$regex\$" "line $line"
	done
}

ration -n 1 -v sh -c 'echo out; echo err >&2; sleep 0.2; exit 3' >"$work/stdout" 2>"$work/stderr"
is $? 3 "-v: the command's status"
is "$(cat "$work/stdout")" "out" "its output is its own"
is "$(head -n 1 "$work/stderr")" "err" "what it writes to stderr comes first"
sed 1d "$work/stderr" >"$work/report"
reports "$work/report" "ration: sh: $seconds" "  budget           1 of $cores cores" \
	"  processes        at most $number at once" \
	"  runtimes         none that is known" \
	"  BLAS threads     asked for 0, given at most 0, in one process" \
	"  threads started  0, by all processes together" \
	"$running" "  fence            not needed" \
	"  CPU              $seconds used of $seconds granted \($number %\)" \
	"  run queue        $number\.[0-9]{2} s waited for each second on a CPU"

# Begun where children that end leave nothing to wait for (as by some daemons), it waits all the
# same, and signals no number that is nobody's any more.
ignoring()
{
	timeout -s KILL 20 "$debian" -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}
for how in -v --fence=always; do
	ignoring "$build/ration" -n 1 "$how" "$debian" -c 'import signal, sys
sys.exit(3 if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN else 4)' 2>"$work/stderr"
	is $? 3 "SIGCHLD ignored, $how: so it is in the command, whose status is told"
done

use wheel
cat >"$work/call.py" <<'END'
import numpy as np
from multiprocessing import Pool, set_start_method
def call(_):
    a = np.random.rand(300, 300)
    for _ in range(100):
        a @ a
if __name__ == "__main__":
    set_start_method("fork")  # the default before Python 3.14
    call(0)
    with Pool(2) as pool:
        pool.map(call, range(2), chunksize=1)
END
report=$work/report
OPENBLAS_NUM_THREADS=5 on_cpus 4 3 "$python" "$work/call.py" >"$work/out" 2>&1
is "$?$(cat "$work/out")" 0 "--report=FILE: nothing on the command's own output"
reports "$work/report" "ration: env: $seconds" "  budget           3 of 4 cores" \
	"  processes        at most 3 at once" "  runtimes         OpenBLAS" \
	"  BLAS threads     asked for 5, given at most 3, in one process" \
	"  threads started  $number, by all processes together" \
	"$running" "  fence            none" \
	"  CPU              $seconds used of $seconds granted \($number %\)" \
	"  run queue        $number\.[0-9]{2} s waited for each second on a CPU"
used=$(sed -n 's/.*CPU  *\([0-9.]*\) s used.*/\1/p' "$work/report")
at_least "$used" 0.1 "the CPU time of all children is counted"
started=$(sed -n 's/.*threads started  *\([0-9]*\),.*/\1/p' "$work/report")
# Of BLAS: the program's 2, at least; and each worker's share less itself. 3 are Pool's own.
at_least "$started" 5 "and their threads, the program's own too"
at_most "$started" 11 "no more than there were"
use openmp
on_cpus 4 3 "$python" -c 'import numpy as np; a = np.ones((300, 300)); a @ a'
unset report
like "$(cat "$work/report")" '^  runtimes         OpenBLAS-OpenMP libgomp$' "another runtime"
like "$(cat "$work/report")" 'asked for 3, given at most 3' "with nothing asked for, all is"

ration --report="$work/report" true
like "$(cat "$work/report")" '^  processes        at most 1 at once$' "a command of a moment is one"

returns 127 "a command that is not there" ration --report="$work/report" no-such-command
returns 126 "one that cannot be run" ration --report="$work/report" /
returns 143 "one that a signal ends" ration --report="$work/report" sh -c 'kill $$'
is "$(RATION_OFF=1 ration -v sh -c 'exit 4' 2>&1; echo $?)" 4 "RATION_OFF=1: no report"

# What is sent to us alone goes on to the command, which may live on.
for signal in INT QUIT TERM HUP USR1 USR2 ALRM CONT WINCH; do
	cat >"$work/catch" <<-END
		trap 'echo $signal' $signal
		echo ready
		while [ ! -e $work/enough ]; do sleep 0.01; done
		exit 7
	END
	rm -f "$work/enough" "$work/out"
	# A shell's background jobs are started deaf to Ctrl-C; so is all behind nohup to SIGHUP.
	env --default-signal "$build/ration" --report="$work/report" \
		sh "$work/catch" >"$work/out" &
	until grep -q ready "$work/out" 2>/dev/null; do sleep 0.01; done
	kill -s "$signal" $!
	for _ in $(seq 500); do grep -q "^$signal" "$work/out" && break; sleep 0.01; done
	: >"$work/enough"
	wait $!
	is "$? $(tr '\n' ' ' <"$work/out")" "7 ready $signal " "SIG$signal is passed on, once"
done

# So it does if somebody sends it to the whole group; one that has left the group gets it, too.
cat >"$work/group.py" <<'END'
import os, signal, sys, time
seen = []
signal.signal(signal.SIGTERM, lambda *_: seen.append(1))
if sys.argv[1] == "leave":
    os.setpgid(0, 0)
print("ready", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(0.3)
print("ended", len(seen))
END
for way in stay leave; do
	rm -f "$work/out"
	setsid "$build/ration" --report="$work/report" \
		"$debian" "$work/group.py" $way >"$work/out" &
	until grep -q ready "$work/out" 2>/dev/null; do sleep 0.01; done
	kill -s TERM -- -$!
	wait $!
	is "$? $(tail -n 1 "$work/out")" "0 ended 1" "to the group, once: $way"
	like "$(cat "$work/report")" '  processes        at most 1 at once' \
		"and one process: $way"
done
is "$(pgrep -g $!)" "" "nothing of us is left in it"

# However many threads: looking at them takes a twentieth of a CPU, by our own clock and theirs.
cat >"$work/sleepers.py" <<'END'
import os, threading, time
for _ in range(1500):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
def used():
    with open("/proc/%d/schedstat" % os.getppid()) as file:
        return int(file.read().split()[0]) / 1e9
time.sleep(2)
before, begun = used(), time.monotonic()
time.sleep(6)
print(int(100 * (used() - before) / (time.monotonic() - begun)), flush=True)
os._exit(0)
END
at_most "$("$build/ration" -n 1 --report="$work/report" "$debian" "$work/sleepers.py")" 12 \
	"percent of a CPU to look at 1 500 threads"

# From the terminal, the whole foreground group has it already.
cat >"$work/catch.py" <<'END'
import signal, time
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(0.3)
print("interrupted", len(seen))
END
is "$(timeout 20 "$debian" "$root/tests/probe/terminal.py" "$build/ration" \
	--report="$work/report" "$debian" "$work/catch.py"; echo $?)" "ready
interrupted 1
0" "Ctrl-C reaches the command once, and does not end us before it"
done_testing
