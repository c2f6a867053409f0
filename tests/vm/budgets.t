#!/bin/sh
# SPDX-License-Identifier: MIT
# Three users with four of sixteen cores each, enabled for the whole site: nobody writes a prefix,
# and everybody keeps to his own, however he starts, and while the others compute.
. "$(dirname "$0")/lib.sh"
pool="PYTHONPATH=$root/tests/probe NUMPY_MADVISE_HUGEPAGE=0 /usr/bin/python3 \
$root/tests/probe/pool.py"

site 'default { cores = 4 }
user "root" { exempt = true }'
like "$(rationctl check)" '^/etc/ration.conf: good; sections: 2' "the configuration"
returns 0 "enable" rationctl enable --preload

# start HOW USER COMMAND: without ration, in as many ways as people and daemons have.
start()
{
	case $1 in
	su)	as "$2" "$3" ;;
	cron)	env -i SHELL=/bin/sh LOGNAME="$2" HOME="$(eval echo "~$2")" PATH=/usr/bin:/bin \
			setpriv --reuid="$2" --regid="$2" --init-groups sh -c "$3" ;;
	service) systemd-run -q --pipe --wait --uid="$2" sh -c "$3" ;;
	manager) as "$2" "systemd-run -q --user --pipe --wait sh -c '$3'" ;;
	esac 2>&1
}
ask='import multiprocessing as m, os; print(os.cpu_count(), len(os.sched_getaffinity(0)))'
is "$(systemctl is-enabled ration-apply.path ration-apply.timer)" "enabled
enabled" "changes of it are looked for"
is "$(systemctl is-active ration-apply.path ration-apply.timer)" "active
active" "from now on"
for how in su cron service manager; do
	for user in ann bob cid; do
		is "$(start $how $user nproc)" 4 "$how: $user has four CPUs"
	done
	is "$(start $how ann "python3 -c \"$ask\"")" "4 4" "$how: and so says Python"
	is "$(start $how root nproc)" 16 "$how: root is exempt"
done
is "$(as ann 'rationctl show' | head -n 1)" \
	"budget    4      by site" "where it comes from"

# All three at once; each divides his own four. To begin takes seconds here: there are more looks.
for shape in "Pool 1 short:4" "Process 3 short:2 1 1" \
	"Pool 6 short:1 1 1 1 1 1"; do
	for user in ann bob cid; do
		as $user "$pool ${shape%:*} 300" >"$work/$user" &
	done
	wait
	for user in ann bob cid; do
		is "$(cat "$work/$user")" "${shape#*:}" "$user: ${shape%:*}: ${shape#*:}"
	done
done

# Counted from outside: tasks of each user that run, in most looks, while all three compute.
for user in ann bob cid; do
	as $user "exec python3 -c '
import numpy
a = numpy.ones((400, 400))
while True: a @ a'" >"$work/$user" 2>&1 &
done
# computes USER: with four threads.
# shellcheck disable=SC2317 # called by soon
computes()
{
	[ "$(rationctl status --user="$1" | awk '/python3/ { print $6, $7 }')" = "4 busy" ]
}
for user in ann bob cid; do
	soon computes $user
done
for _ in $(seq 1 12); do
	ps -eL -o user=,s= | awk '$2 == "R" { n[$1]++ } END {
		print "ann", n["ann"] + 0; print "bob", n["bob"] + 0; print "cid", n["cid"] + 0 }'
done | sort >"$work/looks"
for user in ann bob cid; do
	# The last look but two: a ps sees what was, task by task.
	most=$(sed -n "s/^$user //p" "$work/looks" | sort -n | tail -n 3 | head -n 1)
	at_most "$most" 4 "$user: at most four tasks run"
	at_least "$most" 3 "$user: and they do run"
done
pkill -u ann,bob,cid python3
wait

# Lowered while it runs.
as ann "exec python3 -c '
import numpy
a = numpy.ones((400, 400))
while True: a @ a'" >"$work/ann" 2>&1 &
# share: what her program has, once it is that.
share()
{
	for _ in $(seq 1 60); do
		got=$(rationctl status --user=ann | awk '/python3/ { print $6 }')
		[ "$got" != "$1" ] || break
		sleep 0.5
	done
	echo "$got"
}
is "$(share 4)" 4 "a program with four"
site 'default { cores = 2 }
user "root" { exempt = true }'
is "$(share 2)" 2 "has two when root says so, and systemd has applied it"
site 'default { cores = 3'
returns 0 "a faulty file" soon systemctl -q is-failed ration-apply.service
is "$(share 2)" 2 "changes nothing"
pkill -u ann python3
wait
returns 0 "disable" rationctl disable
is "$(start su ann nproc)" 16 "and all is as it was"
is "$(systemctl is-active ration-apply.path ration-apply.timer)" "inactive
inactive" "nothing is looked for any more"
done_testing
