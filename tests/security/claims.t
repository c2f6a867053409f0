#!/bin/sh
# SPDX-License-Identifier: MIT
# What one user writes of fences herds nobody else's onto one CPU, however much it is.
. "$(dirname "$0")/lib.sh"

# fences: two users' commands, each with a fence around it: the CPUs of both.
fences()
{
	for user in bob cid; do
		as $user ration -n 1 --fence=always sh -c \
			'sed -n "s/^Cpus_allowed_list:\t//p" /proc/self/status; sleep 1.5' &
		sleep 0.5
	done | sort | tr '\n' ' '
	wait
}
# claim ARGUMENT...: ill's tables, which stay until the next ones.
claim()
{
	awk '$8 == 4001 { print $2 }' /proc/sysvipc/shm | while read -r id; do
		ipcrm -m "$id"
	done
	mkfifo "$work/made"
	as ill foul-table "$@" >"$work/made" &
	claiming=$!
	read -r made <"$work/made"
	rm "$work/made"
	is "$made" "$1" "$1 tables that claim CPUs $2, as of $3"
}

cpus=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
[ "$cpus" != "${cpus#*[-,]}" ] || echo "Bail out! this needs two CPUs"
apart()
{
	both=$(fences)
	[ "${both%% *}" != "$(echo "$both" | cut -d ' ' -f 2)" ]
	verdict $? "$1" || saw got "$both"
}
apart "two users' fences part"
# Of a watcher that is not the user's nothing counts; what counts once is tests/unit/claims.c's.
for tables in 1 600; do
	claim $tables "$(printf '%x' $((1 << ${cpus##*[-,]})))" 1
	apart "they part all the same"
	kill "$claiming"
	wait 2>/dev/null
done
done_testing
