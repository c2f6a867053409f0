#!/bin/sh
# SPDX-License-Identifier: MIT
# Who is locked has no more by any variable that a `ration` sets for what it starts.
. "$(dirname "$0")/lib.sh"

cpus=$(allowed self)
[ "$cpus" != "${cpus#*[-,]}" ] || echo "Bail out! this needs two CPUs"
site 'default {
	cores = 1
	locked = true
}'
told='sed -n "s/^Cpus_allowed_list:\t//p" /proc/self/status'

# A fence that an outer `ration` is said to have: there is none, so this one watches itself.
now_ms=$(($(sed 's/[.].*//' /proc/uptime) * 1000 + 1000)) # none of us began later
for fence in "$(printf '1:%x' $((now_ms << 22 | 1)))" "$(printf '1:%x' $((now_ms << 22 | $$)))" \
	0:0; do
	as ill env _RATION_JOB=1:1:-1 _RATION_FENCE="$fence" ration spin 8 4 >/dev/null &
	confined=
	for _ in $(seq 38); do
		sleep 0.1
		for pid in $(pgrep -x spin); do
			now=$(allowed "$pid" 2>/dev/null)
			[ -z "$now" ] || [ "$now" = "$cpus" ] || confined=yes
		done
		[ "$confined" ] && break
	done
	wait
	is "$confined" yes "fenced, whatever $fence is said to watch"
done

# One that is true is believed: there is one watcher for both.
as ill ration sh -c 'sleep 1; ration sleep 3; :' & # its watcher has come by then
for _ in $(seq 100); do # what becomes sleep was a ration
	pgrep -x -f 'sleep 3' >/dev/null && break
	sleep 0.02
done
is "$(pgrep -x -c ration)" 1 "an inner ration under a true outer one needs no second watcher"
wait

# A ledger of one's own, and so a second budget.
site 'default {
	cores = 1
	locked = true
	fence = always
}'
for ledger in 5 6; do
	as ill env _RATION_LEDGER=$ledger ration sh -c "$told; sleep 1.5" &
	sleep 0.3
done | sort -u >"$work/seen"
wait
is "$(wc -l <"$work/seen")" 1 "two ledgers by name: one place for both commands"
is "$(as ill env RATION_OFF=1 _RATION_JOB=1:64:-1 ration sh -c "$told" | grep -c -v '[-,]')" 1 \
	"neither RATION_OFF nor a made-up job"
is "$(as ill ration --fence=never sh -c "$told" | grep -c -v '[-,]')" 1 "nor --fence=never"

# What carries the shim without a `ration`, where the site has its table.
ctl apply >/dev/null
carry()
{
	as ill env LD_PRELOAD="$bin/libration.so" "$@"
}
for variables in X=1 RATION_OFF=1 "RATION_OFF=1 _RATION_JOB=0" _RATION_SELF=1 \
	"_RATION_SELF=1 RATION_OFF=1 _RATION_JOB=1:64:-1" _RATION_JOB=1:64:-1 \
	"_RATION_TABLE=$work/none RATION_CONF="; do
	# shellcheck disable=SC2086 # several
	is "$(carry $variables nproc)" 1 "without ration, $variables"
done
# A ration that carries it is not told the budget for the machine: it raises the fence.
is "$(carry _RATION_SELF=0 ration sh -c "$told" | grep -c -v '[-,]')" 1 "ration itself carries it"

# Nor has any program a ledger of its own.
segments()
{
	awk '$8 == 4001 { print $4, $2 }' /proc/sysvipc/shm | sort
}
carry "$debian" -c 'import numpy'
once=$(segments)
carry _RATION_LEDGER=77 "$debian" -c 'import numpy'
like "$once" '[0-9]' "a program is in the ledger"
is "$(segments)" "$once" "one that names another ledger has the same"
done_testing
