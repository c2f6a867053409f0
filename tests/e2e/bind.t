#!/bin/sh
# SPDX-License-Identifier: MIT
# A program that chooses its own CPUs inside a fence is answered as in a cpuset: what it asks for
# succeeds, counts as far as it lies inside, and is read back as it is.
. "$(dirname "$0")/../lib.sh"

may="sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status"
base=$(sh -c "$may")
first=$(echo "$base" | sed 's/[-,].*//')
last=$(echo "$base" | sed 's/.*[-,]//')
at_least "$(nproc)" 2 "two CPUs, of which one is granted below"

fenced()
{
	ration -n 1 --fence=always "$@"
}
like "$(fenced sh -c "$may")" '^[0-9]+$' "one CPU"
for cpu in "$first" "$last"; do
	like "$(fenced taskset -c "$cpu" sh -c "$may")" '^[0-9]+$' "taskset -c $cpu"
done
cat >"$work/bind.py" <<'END'
import os
inside = os.sched_getaffinity(0)
def bind(pid, cpus):
    try:
        os.sched_setaffinity(pid, cpus)
    except OSError as error:
        return error.errno
    return "inside" if os.sched_getaffinity(0) == inside else os.sched_getaffinity(0)
everything = range(os.sysconf("SC_NPROCESSORS_CONF"))
outside = [cpu for cpu in everything if cpu not in inside]
print(bind(0, inside), bind(0, everything), bind(0, outside), bind(os.getpid(), outside))
print(bind(0, []), bind(1 << 21, inside), os.cpu_count(), len(inside))
END
is "$(fenced "$debian" "$work/bind.py")" "inside inside inside inside
22 3 1 1" "what is set is read back; nothing, and nobody, are errors as ever"
is "$(ration -n 1 "$debian" -c "import os
os.sched_setaffinity(0, {$first}); print(os.sched_getaffinity(0))
os.sched_setaffinity(0, {$last}); print(os.sched_getaffinity(0))")" "{$first}
{$last}" "without a fence any CPU can be chosen"

# A choice made inside that was cut is not widened when the fence is lifted; a reset is one to all.
cat >"$work/later.py" <<'END'
import os, subprocess, sys, time
spin, first = sys.argv[1], int(sys.argv[2])
def allowed():
    return open("/proc/self/status").read().split("Cpus_allowed_list:\t")[1].split()[0]
subprocess.Popen([spin, "8", "1.5"], stdout=subprocess.DEVNULL)
while "-" in allowed() or "," in allowed():
    time.sleep(0.01)
fence = allowed()
os.sched_setaffinity(0, eval(sys.argv[3]))
time.sleep(4.5)
print("kept" if allowed() == fence else allowed())
END
is "$(ration -n 1 "$debian" "$work/later.py" "$probe/spin" "$first" "range(4096)")" "$base" \
	"all that there is: lifted with the fence"
cores=$(getconf _NPROCESSORS_CONF)
if [ "$cores" -gt 2 ]; then
	is "$(ration -n 1 "$debian" "$work/later.py" "$probe/spin" "$first" \
		"os.sched_getaffinity(0) | {$first, $last}")" kept "two of them: not widened"
fi

# Threads that OpenMP binds: places are taken from what the program may use.
cat >"$work/team.c" <<'END'
#include <stdio.h>
#include <string.h>
int main(void)
{
#pragma omp parallel num_threads(2)
#pragma omp critical
	{
		char line[256];
		FILE *in = fopen("/proc/thread-self/status", "r");
		while (fgets(line, sizeof line, in))
			if (!strncmp(line, "Cpus_allowed_list:\t", 19))
				fputs(line + 19, stdout);
		fclose(in);
	}
	return 0;
}
END
cc -fopenmp -o "$work/team" "$work/team.c"
one=$(fenced sh -c "$may"'; OMP_PROC_BIND=true OMP_PLACES=threads "$0"' "$work/team" 2>/dev/null)
is "$(echo "$one" | wc -l) $(echo "$one" | sort -u | wc -l)" "3 1" "OMP_PROC_BIND: inside"
is "$(OMP_PROC_BIND=true OMP_PLACES="{$first},{$last}" fenced "$work/team" 2>/dev/null |
	sort -u | wc -l)" 1 "OMP_PLACES that lie outside: inside"

# Tools that set affinities, and one that asks whether it may.
for cpu in "$first" "$last" "$base"; do
	like "$(fenced numactl -C "$cpu" sh -c "sleep 0.5; $may" 2>&1)" '^[0-9]+$' \
		"numactl -C $cpu"
	like "$(fenced hwloc-bind "pu:$cpu" -- sh -c "sleep 0.5; $may" 2>&1)" '^[0-9]+$' \
		"hwloc-bind pu:$cpu"
done
like "$(fenced numactl -N 0 sh -c "sleep 0.5; $may")" '^[0-9]+$' "numactl -N 0"
is "$(ration -n 1 numactl -C "$last" sh -c "$may")" "$last" "numactl -C without a fence"
mpi="mpirun --allow-run-as-root --oversubscribe -np 2"
for bind in none core; do
	# shellcheck disable=SC2086 # its words
	is "$(fenced $mpi --bind-to $bind sh -c "sleep 0.5; $may" 2>/dev/null | sort -u |
		grep -c '^[0-9]*$')" 1 "mpirun --bind-to $bind: both on it"
done
done_testing
