#!/bin/sh
# SPDX-License-Identifier: MIT
# The fence that is a quota: a scope of the user's own systemd, for one command and all it starts.
. "$(dirname "$0")/lib.sh"
scope=$probe/scope
ann=$(id -u ann)
loginctl disable-linger ann
loginctl disable-linger bob
# No manager but one that stays: it would take the command with it.
is "$(as ann "$scope 2 0 nproc; echo \$?")" "the systemd user manager ends commands at logout; \
loginctl enable-linger lets it stay
1" "a manager that ends with the last session"
loginctl enable-linger ann

where='group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)'

like "$(as ann "$scope 2 0 cat /proc/self/cgroup")" \
	"^0::/user.slice/user-$ann.slice/user@$ann.service/ration.slice/ration-[0-9a-f]+.scope$" \
	"from a login into a scope"
is "$(as ann "$scope 2 0 sh -c '$where; cat \$group/cpu.max \$group/../cpu.max'")" "206000 100000
max 100000" "two CPUs, and three hundredths of each to spare"
is "$(as ann "$scope 2 3 sh -c '$where; cat \$group/../cpu.max'")" "309000 100000" \
	"three for all commands of hers"
is "$(as ann "$scope 1 2 sh -c '$where; cat \$group/../cpu.max'")" "206000 100000" "lowered"
is "$(as ann "$scope 2 0 sh -c '$where; cat \$group/../cpu.max'")" "max 100000" "no limit any more"
is "$(as ann "$scope 2 3 sh -c '$where; cat \$group/cpu.max.burst \$group/../cpu.max.burst'")" \
	"40000
40000" "what a period leaves over, up to 40 ms, the next ones may use"
is "$(as ann "$scope 2 0 ration nproc")" 2 "the budget in it is what was asked for"
is "$(as ann 'systemctl --user list-units --all --plain --no-legend "ration-*.scope"')" "" \
	"nothing is left when the command has ended"
is "$(as ann "env -i PATH=/usr/bin:/bin $scope 2 0 nproc")" 16 "with no environment"
is "$(systemd-run -q --pipe --wait --uid=ann "$scope" 2 0 ration nproc)" 2 "from a service"
is "$(setpriv --reuid=ann --regid=ann --init-groups env -i PATH=/usr/bin:/bin \
	XDG_RUNTIME_DIR=/run/user/0 "$scope" 2 0 "$build/ration" nproc 2>&1)" 2 \
	"as by cron, with the bus of somebody else in the environment"

# What no shim is in, held from outside: CPU time of periods of 100 ms.
cat >"$work/spin" <<'END'
group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)$1
count() { sed -n "s/^$1 //p" $group/cpu.stat; }
stress-ng -q --cpu 6 --cpu-method loop --timeout 100 &
usec=$(count usage_usec) periods=$(count nr_periods)
until [ $(($(count nr_periods) - periods)) -ge ${2:-30} ]; do sleep 0.3; done
echo used $(($(count usage_usec) - usec)) $(($(count nr_periods) - periods))
kill $!
wait
END
chmod 755 "$work" "$work/spin"
# used OUTPUT: CPUs.
used()
{
	echo "$1" | awk '/^used/ { print $2 / $3 / 100000 }'
}
used=$(used "$(as ann "$scope 2 0 sh $work/spin")")
at_most "$used" 2.1 "six busy threads get two CPUs, and a twentieth at most"
at_least "$used" 1.2 "and no fewer than they may"
as ann "$scope 2 3 sh $work/spin '' 60" >"$work/other" &
used=$(used "$(as ann "$scope 2 3 sh $work/spin /..")")
wait
at_most "$used" 3.15 "two commands of two CPUs, three for both: they get three"
at_least "$used" 2 "and no fewer"

# What keeps to its cores is let be: of 20 periods after start-up, throttled in 2 at most; emulation
# makes a CPU now and then take more than there is.
busy="PYTHONPATH=$root/tests/probe NUMPY_MADVISE_HUGEPAGE=0 ration -n 2 --fence=quota \
/usr/bin/python3 $root/tests/probe/busy.py"
spin="OMP_WAIT_POLICY=active LD_LIBRARY_PATH=$blas_openmp"
for how in "Pool:2 workers of 1" "one:1 workers of 2"; do
	as ann "$spin $busy ${how%:*} 20" >"$work/balanced"
	like "$(cat "$work/balanced")" "^${how#*:}, throttled in [0-2] of [12][0-9] periods, for " \
		"${how%:*}: ${how#*:}, not throttled"
	saw got "$(cat "$work/balanced")"
done

# A command inside another.
is "$(as ann "$scope 2 0 $scope 2 0 ration nproc")" 2 "once more as many: it has them already"
is "$(as ann "$scope 2 0 $scope 1 0 nproc")" \
	"an outer ration has its scope already, which is larger" "fewer: not in a scope"

# As people ask for it.
run='ration -n 2 --fence=quota -v'
quiet='2>/dev/null'
is "$(as ann "$run sh -c '$where; cat \$group/cpu.max; nproc' $quiet")" "206000 100000
2" "--fence=quota"
like "$(as ann "$run true")" '^  fence +a quota, held by systemd$' "-v tells of it"
is "$(as ann "$run ration nproc $quiet")" 2 "within another"
like "$(as ann 'ration --fence=quota cat /proc/self/cgroup')" '/session-' "no limit, no scope"
site 'default { cores = 4 fence = quota }'
is "$(as ann "ration sh -c '$where; cat \$group/cpu.max \$group/../cpu.max'")" "412000 100000
412000 100000" "by the configuration"
rm /etc/ration.conf
used=$(used "$(as ann "$run sh $work/spin")")
at_most "$used" 2.1 "six busy threads that no shim is in"
like "$(as bob "$run nproc")" \
	'^ration: --fence=quota: the systemd user manager ends .*; auto instead' \
	"where it is not to be had, a line says why"
like "$(as bob "$run nproc")" '^2$' "and the command runs, with the fence of auto"

# Where it is not to be had.
useradd -m dan
dan=$(id -u dan)
is "$(setpriv --reuid=dan --regid=dan --init-groups "$scope" 2 0 nproc; echo $?)" \
	"no systemd user manager runs for uid $dan
1" "no login, no manager"
is "$(as ann "PATH=/nonexistent $scope 2 0 nproc")" "systemd: busctl: No such file or directory" \
	"no busctl"
is "$(as ann "unshare -r -m sh -c 'mount -t tmpfs tmpfs /run/user && $scope 2 0 nproc'" |
	sed 's/:.*//')" "no systemd user manager runs for uid 0" "in a user namespace"
loginctl enable-linger dan
systemctl set-property --runtime "user-$dan.slice" DisableControllers=cpu
is "$(as dan "$scope 2 0 nproc")" "the systemd user manager has no cpu controller" \
	"a manager that may not divide CPU"
done_testing
