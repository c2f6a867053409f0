#!/bin/sh
# SPDX-License-Identifier: MIT
# How many CPUs a guest is told it has, whoever in it asks, and however it came to be.
. "$(dirname "$0")/../lib.sh"

four="online 4, nprocs 4, affinity 4, of the thread 4, configured 6, errno 77"
is "$(on_cpus 6 4 "$probe/cpus")" "itself: $four" "all that libc knows of; errno is kept"
is "$(on_cpus 6 9 "$probe/cpus")" \
	"itself: online 6, nprocs 6, affinity 6, of the thread 6, configured 6, errno 77" "9 of 6"
for how in fork clone thread; do
	is "$(on_cpus 6 4 "$probe/cpus" $how)" "$how: $four" "$how"
done
is "$(on_cpus 6 4 "$probe/cpus" vfork)" "executed: $four" "what vfork and exec make"
is "$(on_cpus 6 4 "$probe/cpus" open "$probe/libearly.so")" "constructor: online 4, nprocs 4" \
	"a constructor in a library opened RTLD_LOCAL"
is "$(on_cpus 6 4 env LD_PRELOAD="$probe/libearly.so:$shim:$probe/libfake.so" "$probe/cpus")" \
	"constructor: online 4, nprocs 4
itself: $four" "a constructor that runs before main"

is "$(on_cpus 6 4 nproc)" 4 "nproc"
is "$(on_cpus 6 4 nproc --all)" 6 "nproc --all: what is configured"
is "$(on_cpus 6 4 getconf _NPROCESSORS_ONLN)" 4 "getconf _NPROCESSORS_ONLN"
is "$(on_cpus 6 4 getconf _NPROCESSORS_CONF)" 6 "getconf _NPROCESSORS_CONF"
use wheel
cat >"$work/ask.py" <<'END'
import ctypes, multiprocessing, os, threading
import joblib
multiprocessing.set_start_method("fork")  # the default before Python 3.14
hardware = ctypes.CDLL("libstdc++.so.6")._ZNSt6thread20hardware_concurrencyEv
def ask():
    print(os.cpu_count(), len(os.sched_getaffinity(0)), joblib.cpu_count(), hardware(), flush=True)
ask()
with multiprocessing.Pool() as pool:
    print(pool._processes, flush=True)
    pool.apply(ask)
thread = threading.Thread(target=ask)
thread.start()
thread.join()
END
is "$(on_cpus 6 4 "$python" "$work/ask.py")" "4 4 4 4
4
4 4 4 4
4 4 4 4" "os.cpu_count, affinity, joblib, std::thread; Pool(); its workers; a thread"

# What is really granted, on this machine: never widened, never touched.
real=$(taskset -cp $$ | sed 's/.*: //')
first=$(taskset -c "$real" "$debian" -c 'import os; print(min(os.sched_getaffinity(0)))')
last=$(taskset -c "$real" "$debian" -c 'import os; print(max(os.sched_getaffinity(0)))')
mask='import os; print(*os.sched_getaffinity(0))'
is "$(taskset -c "$last" "$build/ration" -n 64 "$debian" -c "$mask")" "$last" \
	"taskset before ration"
is "$(ration -n 64 taskset -c "$last" "$debian" -c "$mask")" "$last" "taskset after ration"
is "$(ration -n 64 taskset -c "$first" "$build/ration" nproc)" 1 "and between two"
is "$(ration -n 1 taskset -c "$last" "$debian" -c "$mask")" "$last" \
	"one of one: the CPU that is granted, not the first of the machine"
is "$(ration -n 1 sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)" \
	"$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)" "no CPU is really taken away"
is "$(ration -n 1 "$debian" -c "import os
os.sched_setaffinity(0, {$last}); print(*os.sched_getaffinity(0), os.cpu_count())")" "$last 1" \
	"a program that binds itself finds itself bound"

# Jobs that bind themselves to what they see shall not all meet on the same CPUs.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	on_cpus 60 6 "$debian" -c "$mask"
done >"$work/masks"
is "$(awk '{ print NF }' "$work/masks" | sort -u)" 6 "6 of 60 CPUs each"
at_least "$(sort -u "$work/masks" | wc -l)" 2 "and not the same 6 for all"
is "$(on_cpus 60 6 "$debian" -c "$mask
import sys, multiprocessing; sys.stdout.flush(); m = multiprocessing.get_context('fork')
p = m.Process(target=exec, args=('$mask',))
p.start(); p.join()" | uniq | wc -l)" 1 "but the same in all processes of a job"
is "$(on_cpus 5000 4096 nproc)" 4096 "the largest budget, on a machine larger than a cpu_set_t"
done_testing
