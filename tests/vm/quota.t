#!/bin/sh
# SPDX-License-Identifier: MIT
# What the kernel grants by cgroup v2, as systemd and containers set it, is the budget; nobody has
# configured anything.
. "$(dirname "$0")/lib.sh"
busy="env PYTHONPATH=$root/tests/probe NUMPY_MADVISE_HUGEPAGE=0 /usr/bin/python3 \
$root/tests/probe/busy.py"

# limited PROPERTY COMMAND: by ann, in a service of that limit.
limited()
{
	systemd-run -q --pipe --wait --uid=ann -p "$1" -p TimeoutStopSec=5 \
		-E RATION_LEDGER= sh -c "$2" 2>&1
}

# rate FILE: of the periods that busy.py tells of, in how many it was throttled.
rate()
{
	sed -n 's/.* in \([0-9]*\) of \([0-9]*\) periods, .*/\1 \2/p' "$1" | awk '{ print $1 / $2 }'
}

# stood FILE: and for which part of what two CPUs could compute in that time.
stood()
{
	sed -n 's/.* of \([0-9]*\) periods, for \([0-9]*\) ms$/\1 \2/p' "$1" \
		| awk '{ print $2 / ($1 * 200) }'
}

# A quota of two CPUs: two workers, one thread each, or one with two; and no throttling.
is "$(limited CPUQuota=200% nproc)" 16 "without ration, nothing is told of a quota"
is "$(limited CPUQuota=200% 'ration nproc')" 2 "a quota of two CPUs"
is "$(limited CPUQuota=200% "LD_PRELOAD=$shim nproc")" 2 "with the shim alone"
is "$(limited CPUQuota=200% 'ration -n 8 nproc')" 2 "-n cannot have more"
is "$(limited CPUQuota=250% 'ration nproc')" 2 "two and a half are two"
is "$(limited CPUQuota=150% 'ration nproc')" 1 "one and a half are one"
is "$(limited CPUQuota=50% 'ration nproc')" 1 "and so is a half"
like "$(limited CPUQuota=200% 'ration rationctl show' | head -n 1)" \
	'^budget    2 +by quota$' "show: by quota"
like "$(limited CPUQuota=200% 'rationctl why' | head -n 1)" \
	'up to 2 \(2.00 CPUs by /sys/fs/cgroup/system.slice/run-[^/]*/cpu.max\)' "why: its file"
# Two that never rest, without ration, to compare with: what the kernel itself makes of it here.
two="for i in 1 2; do timeout 2 yes >/dev/null & done; wait
cat /sys/fs/cgroup\$(cut -d: -f3 /proc/self/cgroup)/cpu.stat"
saw "two of yes(1), without ration" "$(limited CPUQuota=200% "$two" |
	sed -n 's/^nr_//p; s/^throttled_//p' | tr '\n' ' ')"
# With as many threads as it is told that there are CPUs, each period of the quota ends early.
limited CPUQuota=200% "OPENBLAS_NUM_THREADS=4 $busy one 20" >"$work/bare"
like "$(cat "$work/bare")" '^1 workers of 4, throttled in' "without ration: four threads"
at_least "$(rate "$work/bare")" 0.8 "and throttled nearly always"
at_least "$(stood "$work/bare")" 0.3 "for long"
for how in "Pool:2 workers of 1" "one:1 workers of 2"; do
	limited CPUQuota=200% "ration $busy ${how%:*} 20" >"$work/with"
	saw "${how%:*}" "$(cat "$work/with")"
	is "$(sed 's/, .*//' "$work/with")" "${how#*:}" "${how%:*}: ${how#*:}"
	# Not none: as often as two of yes(1), and as shortly.
	at_most "$(stood "$work/with")" 0.05 "and throttled for moments, if at all"
done

# Of an ancestor, and of a group within a group.
nested='group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
	mkdir -p $group/box/inner $group/rest
	echo $$ >$group/box/inner/cgroup.procs
	for left in $(cat $group/cgroup.procs); do echo $left >$group/rest/cgroup.procs; done
	echo +cpu >$group/cgroup.subtree_control
	echo 150000 100000 >$group/box/cpu.max'
# within COMMAND: in a group whose parent has 1.5 CPUs.
within()
{
	systemd-run -q --scope -p Delegate=yes sh -c "$nested; $1" 2>&1
}
is "$(within 'ration nproc')" 1 "1.5 CPUs of the group above"
is "$(within "LD_PRELOAD=$shim nproc")" 1 "with the shim alone"
like "$(within rationctl\ why | head -n 1)" \
	'up to 1 \(1.50 CPUs by /sys/fs/cgroup/system.slice/run-[^/]*/box/cpu.max\)' "why"
# As in a container: a cgroup namespace of its own, the file at its root is the container's.
container='echo $$ >$group/box/inner/cgroup.procs; echo 150000 100000 >$group/box/inner/cpu.max'
enter='unshare -C -m sh -c "umount /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup
	cut -d: -f3 /proc/self/cgroup;'
is "$(within "echo +cpu >\$group/box/cgroup.subtree_control; echo max >\$group/box/cpu.max
	$container; $enter ration nproc\"")" "/
1" "a container of 1.5 CPUs"

# Cpusets.
is "$(limited AllowedCPUs=2-4 'ration nproc')" 3 "a cpuset of three CPUs"
like "$(limited AllowedCPUs=2-4 'rationctl why' | head -n 1)" \
	'up to 3 \(by /sys/fs/cgroup/system.slice/run-[^/]*/cpuset.cpus.effective\)' "why: cpuset"
is "$(limited AllowedCPUs=2-4 'ration -n 2 grep Cpus_allowed_list /proc/self/status')" \
	"Cpus_allowed_list:	2-4" "and these three it stays, with a budget of two"
systemctl set-property --runtime "user-$(id -u ann).slice" AllowedCPUs=8-11
is "$(as ann 'ration nproc; ration grep Cpus_allowed_list /proc/self/status')" "4
Cpus_allowed_list:	8-11" "the cpuset of a user's slice"
is "$(as bob 'ration nproc')" 16 "which is not bob's"
systemctl set-property --runtime "user-$(id -u ann).slice" AllowedCPUs= CPUQuota=350%
is "$(as ann 'ration nproc')" 3 "the quota of a user's slice, for his logins"
is "$(as ann 'systemd-run -q --user --pipe --wait ration nproc')" 3 "and for what his manager runs"
is "$(as ann 'systemd-run -q --user --scope -p CPUQuota=200% ration nproc')" 2 "the least counts"
systemctl revert "user-$(id -u ann).slice" 2>/dev/null
systemctl set-property --runtime "user-$(id -u ann).slice" CPUQuota=
is "$(as ann 'ration nproc')" 16 "gone"
done_testing
