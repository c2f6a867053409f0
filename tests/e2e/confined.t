#!/bin/sh
# SPDX-License-Identifier: MIT
# What is confined to fewer CPUs than the machine has obeys without being told anything: jobs of
# Slurm that nothing else confines, and CPUs that someone pinned; with `ration`, and where only
# the shim was put into LD_PRELOAD. Quotas are in tests/unit/cpus.c and tests/package.
. "$(dirname "$0")/../lib.sh"
pool=$root/tests/probe/pool.py
export NUMPY_MADVISE_HUGEPAGE=0
# Spinning threads that outnumber the real CPUs crawl: let them give up soon.
spin=OPENBLAS_THREAD_TIMEOUT=8

# with HOW VARIABLE=VALUE... COMMAND: on a machine of eight; HOW is ration or preload.
with()
{
	how=$1
	shift
	behind=
	[ "$how" = preload ] || behind="$build/ration"
	# shellcheck disable=SC2086 # empty or a word
	FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" timeout 120 env $spin "${job:-A=}" \
		"${node:-B=}" "${each:-C=}" "${step:-D=}" "${task:-E=}" "${tasks:-F=}" $behind \
		env LD_PRELOAD="$shim:$probe/libfake.so" "$@" 2>&1
}

for how in ration preload; do
	job='' node='' each='' step='' task='' tasks=''
	is "$(with $how nproc)" 8 "$how: no job"
	job=SLURM_JOB_ID=7 node=SLURM_CPUS_ON_NODE=2
	is "$(with $how nproc)" 2 "$how: a job of two CPUs"
	each=SLURM_CPUS_PER_TASK=2
	is "$(with $how nproc)" 2 "$how: --cpus-per-task=2"
	node=SLURM_CPUS_ON_NODE=6 tasks=SLURM_TASKS_PER_NODE=3
	is "$(with $how nproc)" 6 "$how: the script of three tasks of two"
	step=SLURM_STEP_ID=0 task=SLURM_PROCID=1
	is "$(with $how nproc)" 2 "$how: one of the tasks"
	node=SLURM_CPUS_ON_NODE=64 each='' step='' task=''
	is "$(with $how nproc)" 8 "$how: never more than the machine has"
	node=''
	is "$(with $how nproc)" 8 "$how: salloc's shell is not on the node"
done
is "$(SLURM_JOB_ID=7 SLURM_CPUS_ON_NODE=2 on_cpus 8 4 nproc)" 2 "-n cannot have more"
is "$(SLURM_JOB_ID=7 SLURM_CPUS_ON_NODE=4 on_cpus 8 1 nproc)" 1 "but less"

# All workers together, not each: two cores are one core each for two workers, and for six.
use pthread
job=SLURM_JOB_ID=7 node=SLURM_CPUS_ON_NODE=4 each=SLURM_CPUS_PER_TASK=4 tasks='' step='' task=''
for how in ration preload; do
	is "$(with $how "$python" "$pool" Pool 1 short)" "4" "$how: one worker has all of the job"
	is "$(with $how "$python" "$pool" Pool 2 short)" "2 2" "$how: two share it"
	is "$(with $how "$python" "$pool" Process 3 short)" "2 1 1" "$how: three share it"
	is "$(with $how "$python" "$pool" Pool 6 short)" "1 1 1 1 1 1" "$how: six have one each"
done

# Two commands in one job share it; one of another job has its own.
python_for()
{
	FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" SLURM_JOB_ID=$1 SLURM_CPUS_ON_NODE=2 \
		"$build/ration" env $spin LD_PRELOAD="$shim:$probe/libfake.so" "$python" -c '
import numpy
a = numpy.random.rand(300, 300)
while True: a.dot(a)' &
}
shares()
{
	for pid; do
		timeout 20 "$build/rationctl" status |
			awk -v pid="$pid" '$1 == pid && $7 == "busy" { print $6 }'
	done | paste -sd" "
}
python_for 7
one=$!
python_for 7
two=$!
python_for 8
three=$!
tries=0
until [ "$(shares $one $two $three)" = "1 1 2" ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || break
	sleep 0.1
done
is "$(shares $one $two $three)" "1 1 2" "two commands in a job, and one in another"
is "$(timeout 20 "$build/rationctl" status | awk -v pid=$one '$1 == pid { print $2 }')" - \
	"status: no ration began this job"
like "$(FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" timeout 20 "$build/rationctl" why $one |
	head -n 1)" "^python3 \($one\) may use 1: 2 busy guests share the 2 CPUs they are \
confined to \(job 7: SLURM_CPUS_ON_NODE=2 SLURM_CPUS_PER_TASK=\)$" "why: Slurm"
kill $one $two $three
wait
timeout 20 "$build/rationctl" reap >/dev/null
done_testing
