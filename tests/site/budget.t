#!/bin/sh
# SPDX-License-Identifier: MIT
# A site with a budget for each of its users, and no prefix anywhere: however a program is started,
# it keeps to its user's; root, the exempt and whom nobody limits are left as they are.
. "$(dirname "$0")/lib.sh"

user bob
user cid
user eve
within groupadd six
user dan -G six
cat >"$site/etc/ration.conf" <<'END'
user "ann" { cores = 4 }
user "bob" { cores = 2 }
group "six" { cores = 6 }
user "eve" { cores = 1 exempt = true }
user "root" { exempt = true }
END
ctl enable --preload >/dev/null
# A machine of eight: behind the shim, so that the shim takes it for the machine.
echo 8 >"$site/etc/fake-cpus"
echo /usr/local/lib/tests/libfake.so >>"$loads"

# start HOW USER COMMAND: without ration, in as many ways as people and daemons have.
start()
{
	how=$1
	who=$2
	shift 2
	uid=$(within id -u "$who")
	case $how in
	su)	within su - "$who" -c "$*" ;;
	login)	printf '%s\nexit\n' "stty -echo; PS1=; $*" |
			within script -qec "login -f $who" /dev/null | tr -d '\r' ;;
	cron)	within env -i SHELL=/bin/sh LOGNAME="$who" HOME="$(within sh -c "echo ~$who")" \
			PATH=/usr/bin:/bin setpriv --reuid="$uid" --regid="$uid" --init-groups \
			sh -c "$*" ;;
	env)	within setpriv --reuid="$uid" --regid="$uid" --init-groups env -i /bin/sh -c "$*" ;;
	esac
}
for how in su login cron env; do
	for pair in ann:4 bob:2 dan:6 cid:8 eve:8 root:8; do
		like "$(start $how ${pair%:*} 'echo cpus=$(nproc)')" "cpus=${pair#*:}\$" \
			"$how: ${pair%:*} has ${pair#*:} CPUs"
	done
done

# The seed's script, each of two workers told to use six threads. Its tasks that run, or would if
# they had a CPU, are counted from outside, once both workers compute.
environment="OPENBLAS_THREAD_TIMEOUT=8 PYTHONPATH=/usr/local/lib/wheels POOL=2 N=700"
script="python3 -B /usr/local/lib/tests/pool_6x6.py"

# running UID: the tasks of that user in state R.
running()
{
	cat /proc/[0-9]*/task/[0-9]*/status 2>/dev/null | awk -v uid="$1" '
		/^State:/ { r = $2 == "R" } /^Uid:/ && $2 == uid && r { n++ } END { print n + 0 }'
}
# most UID: the number that four in five looks are not above, while it runs.
most()
{
	seen=
	for _ in $(seq 1 400); do
		[ -n "$(pgrep -u "$1" -f pool_6x6)" ] && break
		sleep 0.05
	done
	while [ -n "$(pgrep -u "$1" -f pool_6x6)" ]; do
		seen="$seen $(running "$1")"
		sleep 0.02
	done
	# shellcheck disable=SC2086 # numbers
	printf '%s\n' $seen | sort -n | awk '{ a[NR] = $1 } END { print a[int(NR * 0.8 + 0.5)] }'
}
# seed HOW USER ITEMS: what it says, and in $work/most what was seen.
seed()
{
	start "$1" "$2" "$environment ITEMS=$3 exec $script" >"$work/said" &
	most "$(within id -u "$2")" >"$work/most"
	wait
	tr '\r' '\n' <"$work/said" | grep -o "$3 matrices of 700 x 700"
}
for trial in su:ann:4 login:ann:4 cron:ann:4 env:ann:4 su:bob:2 env:bob:2 su:dan:6; do
	how=${trial%%:*}
	cores=${trial##*:}
	who=${trial#*:}
	who=${who%:*}
	is "$(seed "$how" "$who" 36)" "36 matrices of 700 x 700" "$how: $who's seed script works"
	# One more: the pool's parent, that hands out the tasks, and what watches.
	at_most "$(cat "$work/most")" $((cores + 1)) "$how: with $cores threads"
	at_least "$(cat "$work/most")" $((cores - 1)) "$how: and no fewer"
done
for who in cid eve root; do
	is "$(seed su $who 4)" "4 matrices of 700 x 700" "$who's seed script, as it is"
	at_least "$(cat "$work/most")" 9 "$who: twice six threads"
done

# The exempt and unlimited look in every way as without us.
within /usr/local/bin/rationctl disable >/dev/null
echo /usr/local/lib/tests/libfake.so >"$loads"
cp "$probe/cpus" "$site/usr/local/bin/cpus"
bare=$(start env cid /usr/local/bin/cpus)
ctl enable --preload >/dev/null
printf '%s\n' "$library" /usr/local/lib/tests/libfake.so >"$loads"
for who in cid eve root; do
	is "$(start env $who /usr/local/bin/cpus)" "$bare" "$who is told what the machine has"
done
unlike "$(start env ann /usr/local/bin/cpus)" 'online 8' "ann is not"

# What root applies acts on the next program at once, and on a running one within a second.
# set_cores FROM TO: cores, in the site's file, in force.
set_cores()
{
	sed -i "s/cores = $1/cores = $2/" "$site/etc/ration.conf"
	within rationctl apply >/dev/null
}
sed -i 's/cores = 4/cores = 3/' "$site/etc/ration.conf"
is "$(start su ann nproc)" 4 "a changed file that has not been applied"
like "$(within rationctl check)" "^/etc/ration.table: older than /etc/ration.conf; have root run: \
rationctl apply$" "is told by check"
like "$(within rationctl doctor true)" "^/etc/ration.table: older than" "by doctor"
like "$(start su ann rationctl show)" "^table +old +/etc/ration.table: older than" "and by show"
like "$(start su ann rationctl show)" "^site +4 +/etc/ration.table, user \"$(within id -u ann)\": \
cores = 4" "which says what is in force"
is "$(within rationctl apply)" "/etc/ration.table is made of /etc/ration.conf: in force for \
programs that start from now on, and within a second for those that run
those with sections of their own have budgets, and nobody else" "applied"
is "$(start su ann nproc)" 3 "it is in force"
like "$(start su ann rationctl show)" "^table +yes +/etc/ration.table: says what /etc/ration.conf \
says" "and show says so"
start su ann "$environment exec python3 -B -c '
import numpy
a = numpy.ones((400, 400))
while True: a @ a'" &
uid=$(within id -u ann)
# share: what the ledger says of it, once it is that.
share()
{
	for _ in $(seq 1 100); do
		got=$(start env ann /usr/local/bin/rationctl status | awk '/python3/ { print $6 }')
		[ "$got" = "$1" ] && break
		sleep 0.1
	done
	echo "$got"
}
is "$(share 3)" 3 "a program with three"
set_cores 3 2
is "$(share 2)" 2 "has two when root says so"
# In a namespace of its own for shared memory, too, by a ledger of its own.
within unshare -i setpriv --reuid="$uid" --regid="$uid" --init-groups sh -c '
	PYTHONPATH=/usr/local/lib/wheels OPENBLAS_THREAD_TIMEOUT=8 python3 -B -c "
import numpy
a = numpy.ones((400, 400))
while True: a @ a" &
	while sleep 0.2; do
		/usr/local/bin/rationctl status | sed -n "1s/.* budget \([0-9]*\) .*/\1/p"
	done' >"$work/apart" 2>&1 &
apart=$!
# told WANTED: what is said there last, once it is that.
told()
{
	for _ in $(seq 1 100); do
		[ "$(tail -n 1 "$work/apart")" = "$1" ] && break
		sleep 0.1
	done
	tail -n 1 "$work/apart"
}
is "$(told 2)" 2 "a program in another IPC namespace"
set_cores 2 3
is "$(told 3)" 3 "is told of a change, too"
pkill -u "$uid"
wait $apart
pkill -u "$uid" -f numpy
wait
done_testing
