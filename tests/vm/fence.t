#!/bin/sh
# SPDX-License-Identifier: MIT
# Fences of several users on a machine of two nodes, eight cores, sixteen CPUs: nobody's touch
# another's, each is of one node, and a core is shared only when none is free.
. "$(dirname "$0")/lib.sh"
lscpu -p=CPU,NODE,CORE | grep -v '^#' >"$work/cpus"

# spread LIST: a list like 0-2,5 as numbers.
spread()
{
	echo "$1" | tr , '\n' | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }'
}
# how_many COLUMN LIST...: nodes (2) or cores (3) of these CPUs.
how_many()
{
	column=$1
	shift
	for list in "$@"; do spread "$list"; done | awk -F, -v column="$column" '
		NR == FNR { of[$1] = $column; next }
		!seen[of[$1]]++ { n++ }
		END { print n + 0 }' "$work/cpus" -
}
# outside LIST: of the CPUs that come in, those that are not of it.
outside()
{
	spread "$1" >"$work/inside"
	grep -vxFf "$work/inside"
}
allowed='sed -n "s/^Cpus_allowed_list:\t//p" /proc/self/status'

# One after the other, each with eight threads that no shim can lead: the less they compute, the
# less is emulated here.
for user in ann bob cid; do
	as $user "ration -n 4 --fence=always sh -c '$allowed
		exec stress-ng -q --cpu 8 --cpu-load 30 --timeout 300'" >"$work/$user" &
	soon [ -s "$work/$user" ]
done
for user in ann bob cid; do
	soon pgrep -u $user -x stress-ng-cpu >/dev/null
done
sleep 2
ann=$(head -n 1 "$work/ann") bob=$(head -n 1 "$work/bob") cid=$(head -n 1 "$work/cid")
saw CPUs "ann $ann, bob $bob, cid $cid"
for user in ann bob cid; do
	cpus=$(head -n 1 "$work/$user")
	is "$(spread "$cpus" | wc -l)" 4 "$user has four CPUs"
	is "$(how_many 2 "$cpus")" 1 "$user: of one node"
	is "$(ps -L -u $user -o comm=,psr= | awk '/^stress-ng-cpu/ { print $2 }' |
		outside "$cpus")" "" "$user: and is nowhere else"
done
is "$(for list in "$ann" "$bob" "$cid"; do spread "$list"; done | sort | uniq -d)" "" \
	"nobody's CPUs are another's"
is "$(how_many 3 "$ann") $(how_many 3 "$bob") $(how_many 3 "$ann" "$bob")" "4 4 8" \
	"a core for each CPU while cores are free"
pkill -u ann,bob,cid stress-ng
wait

# All at once: who chose the same CPUs at the same moment parts, by need and from the start.
# apart: the busy tasks of each have one list, all together of twelve CPUs, each in one list only.
# shellcheck disable=SC2317 # called by soon
apart()
{
	for user in ann bob cid; do
		for pid in $(pgrep -u "$user" -x stress-ng-cpu); do
			echo "/proc/$pid/status"
		done | xargs -r grep -h Cpus_allowed_list: 2>/dev/null | sort -u |
			sed "s/.*:/$user/"
	done >"$work/lists"
	awk '{ split($2, parts, ",")
		for (p in parts) {
			ends = split(parts[p], end, "-")
			for (i = end[1]; i <= end[ends]; i++) { n++; twice += seen[i]++ > 0 }
		} } END { exit NR != 3 || n != 12 || twice }' "$work/lists"
}
# shellcheck disable=SC2317 # called by soon
near()
{
	apart && for user in ann bob cid; do
		[ "$(how_many 2 "$(sed -n "s/^$user\t//p" "$work/lists")")" = 1 ] || return 1
	done
}
# at_once OPTION TASKS LOAD: of each, so many tasks that compute so many percent of the time.
at_once()
{
	for user in ann bob cid; do
		as $user "exec ration -n 4 $1 stress-ng -q --cpu $2 --cpu-load $3 --timeout 300" &
	done
}
at_once --fence=auto 5 100
returns 0 "begun at once, on four CPUs each, and nobody's are another's" soon apart
saw CPUs "$(cat "$work/lists")"
pkill -u ann,bob,cid stress-ng
wait
at_once --fence=always 4 20
returns 0 "begun at once inside their fences: of one node each as well" soon near
saw CPUs "$(cat "$work/lists")"
pkill -u ann,bob,cid stress-ng
wait

# By need alone: nothing is done to what keeps to its cores.
as ann "ration -n 4 sh -c 'stress-ng -q --cpu 3 --timeout 300 & sleep 6; $allowed; kill \$!'" \
	>"$work/ann"
is "$(head -n 1 "$work/ann")" 0-15 "three busy threads of four: no fence"

# What binds itself works inside, and stays inside, or is back there after the next look at it
# (libnuma binds past us: shim/numa.c), however long that takes here.
cat >"$work/bound" <<'END'
sed -n 's/^Cpus_allowed_list:\t/fence /p' /proc/self/status
mask='sed -n s/^Cpus_allowed:.//p /proc/self/status'
fence=$($mask)
export mask fence
while read -r lines binder; do
	echo "$lines $binder"
	$binder sh -c 'for look in 1 2 3 4 5 6 7 8 9 10; do
			sleep 2
			[ $((0x$($mask) & ~0x$fence)) != 0 ] || break
		done
		sed -n "s/^Cpus_allowed_list:./has /p" /proc/self/status' 2>&1 </dev/null
done <<'BINDERS'
1 numactl --cpunodebind=0
1 numactl -C 0
1 taskset -c 3
1 hwloc-bind core:1
2 mpirun --oversubscribe -np 2
4 mpirun -np 4 --bind-to core
BINDERS
END
chmod 755 "$work" "$work/bound"
as ann "ration -n 4 --fence=always sh $work/bound" >"$work/said"
fence=$(sed -n 's/^fence //p' "$work/said")
is "$(spread "$fence" | wc -l)" 4 "a fence of four CPUs"
binders=0
while read -r lines binder; do
	binders=$((binders + 1))
	sed -n "/^$lines $binder\$/,/^[0-9]/s/^has //p" "$work/said" >"$work/lists"
	is "$(wc -l <"$work/lists")" "$lines" "$binder works"
	is "$(while read -r list; do spread "$list"; done <"$work/lists" | outside "$fence")" "" \
		"$binder: and stays inside"
done <<END
$(grep '^[0-9]' "$work/said")
END
is $binders 6 "all of them"
[ $failed = 0 ] || saw said "$(cat "$work/said")"
done_testing
