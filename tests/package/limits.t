#!/bin/sh
# SPDX-License-Identifier: MIT
# A quota of 1.5 CPUs and a cpuset of one, by control groups of the real kernel, as a container has
# them: the budget is one, and nobody says so. The groups are made in the hierarchy that is mounted
# here, v1 or v2, and removed again.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/package/lib.sh
. "$root/tests/package/lib.sh"

name=ration-test.$$
groups=
# shellcheck disable=SC2317 # called by the trap
drop()
{
	# shellcheck disable=SC2086 # one or several
	[ -z "$groups" ] || rmdir $groups
}
trap 'drop; rm -rf --one-file-system "$work"; "$probe/forget" "$_RATION_LEDGER" >/dev/null' EXIT

# mounted CONTROLLER: where its v1 hierarchy is.
mounted()
{
	awk -v c="$1" '$(NF - 2) == "cgroup" && ("," $NF ",") ~ ("," c ",") { print $5; exit }' \
		/proc/self/mountinfo
}
unified=$(awk '$(NF - 2) == "cgroup2" { print $5; exit }' /proc/self/mountinfo)

# group CONTROLLER: a group of it, in $group.
group()
{
	at=$(mounted "$1")
	if [ -z "$at" ]; then
		at=$unified
		echo "+$1" >"$at/cgroup.subtree_control"
	fi
	group=$at/$name-$1
	mkdir "$group" || { echo "Bail out! no control group can be made here"; exit 1; }
	groups="$groups $group"
}
# within COMMAND...: in $group, as a process of its own.
within()
{
	sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@" 2>&1
}
online=$(getconf _NPROCESSORS_ONLN)
[ "$online" -gt 1 ] || { echo "Bail out! one CPU is no test of this"; exit 1; }

group cpu
quota=$group/cpu.max
if [ ! -e "$quota" ]; then
	quota=$group/cpu.cfs_quota_us
	echo 100000 >"$group/cpu.cfs_period_us"
fi
# allow US: of each 100 ms.
allow()
{
	case $quota in
	*.max)	echo "$1 100000" >"$quota" ;;
	*)	echo "$1" >"$quota" ;;
	esac
}
allow 150000
is "$(within "$build/ration" nproc)" 1 "a quota of 1.5 CPUs: one, with ration"
is "$(within env LD_PRELOAD="$shim" nproc)" 1 "and with the shim alone"
is "$(within nproc)" "$online" "without, nothing is told"
is "$(within "$build/ration" -n 2 nproc)" 1 "-n cannot have more"
is "$(within "$build/rationctl" why | head -n 1)" \
	"a program started here with ration may use up to 1 (1.50 CPUs by $quota)" "why: quota"
is "$(within "$build/rationctl" show | head -n 1)" "budget    1      by quota" "show: quota"
use pthread
within env N=300 ITEMS=12 "$build/ration" --report="$work/report" "$python" \
	"$root/demo/pool_6x6.py" >"$work/said"
like "$(cat "$work/said")" '12 matrices of 300 x 300 in [0-9.]+ s, error' "the seed's program in it"
like "$(cat "$work/report")" "budget +1 of $online" "its budget"
like "$(cat "$work/report")" 'asked for 6, given at most 1, in one process' "no more is given"

# In how many of its periods after start-up the kernel throttled it: never with as many threads as
# ration gives. That it counts at all is seen with a fifth of a CPU, less than others leave us.
# busy HOW: its line.
busy()
{
	within "$build/ration" /usr/bin/python3 "$root/tests/probe/busy.py" "$1" 30 \
		"$group/cpu.stat"
}
for how in Pool one; do
	like "$(busy $how)" '^1 workers of 1, throttled in 0 of [1-9][0-9]+ periods, for 0 ms$' \
		"$how: one thread, never throttled"
done
# A whole CPU for one busy thread leaves nothing over: a plain loop of getppid is found at the end
# of its quota, up to half a millisecond too soon, in 0 to 6 of 30 periods. So it is with us, and
# who watches takes no part of it.
allow 100000
for how in Pool one; do
	busy $how >"$work/said"
	saw "a quota of one CPU" "$(cat "$work/said")"
	ms=$(sed -n 's/^1 workers of 1, .* for \([0-9]*\) ms$/\1/p' "$work/said")
	at_most "${ms:-none}" 30 \
		"$how: with a quota of one CPU, of three seconds one hundredth at most"
done
is "$(within "$build/ration" "$probe/spin" 8 8)" "8 fenced" \
	"eight that would be throttled in each period are fenced, if later than elsewhere"
allow 20000
like "$(busy one)" '^1 workers of 1, throttled in [1-9][0-9]* of' "a fifth of a CPU: throttled"

group cpuset
cpus=cpuset.cpus
first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
echo "$first" >"$group/$cpus"
[ ! -e "$group/cpuset.mems" ] || echo 0 >"$group/cpuset.mems" 2>/dev/null
says=$group/cpuset.cpus.effective
[ -e "$says" ] || says=$group/cpuset.effective_cpus
is "$(within "$build/ration" nproc)" 1 "a cpuset of one CPU"
is "$(within "$build/rationctl" why | head -n 1)" \
	"a program started here with ration may use up to 1 (by $says)" "why: cpuset"
within "$build/ration" sleep 60 &
tries=0
until pid=$(sed -n 1p "$group/cgroup.procs") && [ -n "$pid" ] &&
	[ "$(cat "/proc/$pid/comm")" = sleep ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || break
	sleep 0.1
done
like "$("$build/rationctl" why "$pid" | head -n 1)" "one would start with up to 1 \(by $says\)$" \
	"why: of a program in it, asked from outside"
kill "$pid"
wait
done_testing
