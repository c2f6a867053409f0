#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl why names the true origin of a limit: of a program to be started, and of one that runs.
# Those of control groups are of files that stand for them; of real ones: tests/package/limits.t.
. "$(dirname "$0")/../lib.sh"

user=$(id -un)
export RATION_CONF="$work/site.conf" XDG_CONFIG_HOME="$work/config"
# Spinning threads that outnumber the real CPUs crawl: let them give up soon.
spin=OPENBLAS_THREAD_TIMEOUT=8
mkdir "$work/config"
own=$XDG_CONFIG_HOME/ration.conf
site()
{
	printf '%b' "$1" >"$RATION_CONF"
}
cat >"$work/guest.py" <<'END'
import os, sys
for setting in sys.argv[2:]:
    name, value = setting.split("=")
    if name != "call":
        os.environ[name] = value
import numpy
import blas
for setting in sys.argv[2:]:
    if setting.startswith("call="):
        blas.copy().set(int(setting[5:]))
a = numpy.random.rand(200, 200)
a.dot(a)
open(sys.argv[1], "w").close()
while True:
    a.dot(a)
END
use pthread
python=${python:?}

# because ORIGIN NAME [COMMAND...]: what why says in brackets of a program started by COMMAND, on a
# machine of eight, before and while it runs.
on_eight()
{
	FAKE_KERNEL=1 FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" "$@"
}
said_before()
{
	on_eight "$@" "$build/rationctl" why |
		sed -n '1s/.*with ration may use up to //p'
}
await_begun()
{
	tries=0
	until [ -e "$work/begun" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
}
begin()
{
	rm -f "$work/begun"
	# shellcheck disable=SC2086 # words
	FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" "$@" env $spin \
		LD_PRELOAD="$shim:$probe/libfake.so" "$python" "$work/guest.py" "$work/begun" \
		$settings &
	guest=$!
	await_begun
}
# What it may use follows what it has just asked for at its next calls: asked again till it is that.
become()
{
	tries=0
	said=$(said_of_it)
	until [ "$said" = "$1" ] || [ $tries -ge 50 ]; do
		tries=$((tries + 1))
		sleep 0.1
		said=$(said_of_it)
	done
	echo "$said"
}
said_of_it()
{
	on_eight timeout 20 "$build/rationctl" why "$guest" | head -n 1 |
		sed "s/^python3* ($guest) //"
}
finish()
{
	kill -9 "$guest"
	wait
	timeout 20 "$build/rationctl" reap >/dev/null
}
because()
{
	wanted=$1
	what=$2
	shift 2
	[ "${wanted%% *}" != 1 ] || is "$(said_before "$@")" "$wanted" "$what: to be started"
	begin "$@" "$build/ration" ${cores:+-n "$cores"}
	cores_now=${wanted%% *}
	running="may use $cores_now, all there is for it ${wanted#* }"
	is "$(become "$running")" "$running" "$what: running"
	finish
}
settings=
because "8 (CPUs online)" "nobody says anything"
site '\ndefault { cores = 1 }'
because "1 ($RATION_CONF:2, default: cores = 1)" "default"
site "default { cores = 5 }\ngroup \"$(id -gn)\" { cores = 13% }"
because "1 ($RATION_CONF:2, group \"$(id -gn)\": cores = 13%)" "group"
site "default { cores = 5 }\nuser \"$user\" {\n cores = 1 }"
because "1 ($RATION_CONF:3, user \"$user\": cores = 1)" "user"
printf 'cores = 1' >"$own"
because "1 ($own:1, default: cores = 1)" "own file"
rm "$own" "$RATION_CONF"
because "1 (RATION_CORES=1)" "RATION_CORES" env RATION_CORES=1
# shellcheck disable=SC2034 # read in begin
cores=6
begin "$build/ration" -n 6
job=$(timeout 20 "$build/rationctl" status | awk -v pid="$guest" '$1 == pid { print $2 }')
is "$job" "$guest" "-n: its job"
is "$(said_of_it)" "may use 6, all there is for it (ration -n, process $guest)" "-n: running"
finish
cores=
because "1 (job 7: SLURM_CPUS_ON_NODE=1 SLURM_CPUS_PER_TASK=)" "Slurm, a CPU" env \
	SLURM_JOB_ID=7 SLURM_CPUS_ON_NODE=1
because "2 (job 7: SLURM_CPUS_ON_NODE=2 SLURM_CPUS_PER_TASK=2)" "Slurm" env SLURM_JOB_ID=7 \
	SLURM_CPUS_ON_NODE=2 SLURM_CPUS_PER_TASK=2
is "$(on_eight env SLURM_JOB_ID=7 SLURM_CPUS_ON_NODE=1 "$build/rationctl" show | head -n 1)" \
	"budget    1      by slurm" "show: Slurm"
is "$("$build/rationctl" show | grep ^slurm)" "slurm     -      not in a job" "show: no Slurm"

# control_groups FILE TEXT: the group jobs/one, and above it such a file.
control_groups()
{
	rm -rf "$work/fake"
	mkdir -p "$work/fake/sys/fs/cgroup/jobs/one"
	echo '31 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$work/fake/mountinfo"
	echo 0::/jobs/one >"$work/fake/cgroup"
	echo "$2" >"$work/fake/sys/fs/cgroup/jobs/$1"
}
group=/sys/fs/cgroup/jobs
export FAKE_ROOT="$work/fake"
control_groups cpu.max '150000 100000'
because "1 (1.50 CPUs by $group/cpu.max)" "quota"
control_groups cpu.max '300000 100000'
because "3 (3.00 CPUs by $group/cpu.max)" "a quota of three"
control_groups one/cpuset.cpus.effective 3
is "$(said_before)" "1 (by $group/one/cpuset.cpus.effective)" "cpuset: to be started"
unset FAKE_ROOT

# The machine itself cannot be narrowed by what only pretends to be one.
if [ "$(nproc)" -gt 1 ]; then
	first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
	is "$(taskset -c "$first" "$build/rationctl" why | head -n 1)" \
		"a program started here with ration may use up to 1 (CPU affinity)" "affinity"
	rm -f "$work/begun"
	taskset -c "$first" "$build/ration" "$python" "$work/guest.py" "$work/begun" &
	guest=$!
	await_begun
	is "$(timeout 20 "$build/rationctl" why "$guest" | head -n 1)" \
		"python3 ($guest) may use 1, all there is for it (CPU affinity)" "affinity: running"
	finish
fi

# On OpenMP, OpenBLAS 0.3.29 forgets at its next call what it was told by one: without ration too.
after_a_call()
{
	case $flavour,$(nm -D "$blas_openmp/libopenblas.so.0") in
	openmp,*' U omp_set_num_threads'* | openmp,*num_threads_set_explicitly* | [!o]*)
		echo "2: it asks for no more, by a call of its own" ;;
	*)	echo "4: it asks for no more, OMP_NUM_THREADS that it set itself" ;;
	esac
}

# asks SAID NAME
asks()
{
	is "$(become "$1")" "$1" "$2"
}

# The wish: a variable it was given, one that it set itself, and a call.
for flavour in pthread openmp wheel; do
	use $flavour
	variable=OPENBLAS_NUM_THREADS
	[ $flavour != openmp ] || variable=OMP_NUM_THREADS # which does not heed the other
	settings=
	begin env $variable=2 "$build/ration"
	asks "may use 2: it asks for no more, $variable" "$flavour: a variable from outside"
	finish
	settings=$variable=3
	begin "$build/ration"
	asks "may use 3: it asks for no more, $variable that it set itself" \
		"$flavour: a variable of the script"
	finish
	settings="OMP_NUM_THREADS=2"
	begin env OMP_NUM_THREADS=7 "$build/ration"
	asks "may use 2: it asks for no more, OMP_NUM_THREADS that it set itself" \
		"$flavour: another value than it was given"
	finish
	settings="OMP_NUM_THREADS=4 call=2"
	begin "$build/ration"
	asks "may use $(after_a_call)" "$flavour: a call"
	finish
done

# Nobody else is busy, and yet it may use less than it asks for, as long as something lowers that.
use pthread
settings=OPENBLAS_NUM_THREADS=4
begin "$build/ration"
"$probe/shake" "$_RATION_LEDGER" 1 &
shaken=$!
asks "may use 1 for a moment: it has just asked for 4, or begun to call" "less than it asks for"
kill "$shaken"
asks "may use 4: it asks for no more, OPENBLAS_NUM_THREADS that it set itself" "and then all of it"
finish
done_testing
