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
	for list in "$@"; do spread "$list"; done | while read -r cpu; do
		sed -n "s/^$cpu,/$cpu,/p" "$work/cpus" | cut -d, -f"$column"
	done | sort -u | wc -l
}
allowed='sed -n "s/^Cpus_allowed_list:\t//p" /proc/self/status'

# One after the other, each with eight busy threads that no shim can lead.
for user in ann bob cid; do
	as $user "ration -n 4 --fence=always sh -c '$allowed
		exec stress-ng -q --cpu 8 --timeout 300'" >"$work/$user" &
	soon [ -s "$work/$user" ]
	sleep 3
done
ann=$(head -n 1 "$work/ann") bob=$(head -n 1 "$work/bob") cid=$(head -n 1 "$work/cid")
saw CPUs "ann $ann, bob $bob, cid $cid"
for user in ann bob cid; do
	cpus=$(head -n 1 "$work/$user")
	is "$(spread "$cpus" | wc -l)" 4 "$user has four CPUs"
	is "$(how_many 2 "$cpus")" 1 "$user: of one node"
	is "$(ps -L -u $user -o comm=,psr= | awk '/^stress-ng-cpu/ { print $2 }' | sort -nu |
		while read -r cpu; do spread "$cpus" | grep -qx "$cpu" || echo "$cpu"; done)" "" \
		"$user: and is nowhere else"
done
is "$(for list in "$ann" "$bob" "$cid"; do spread "$list"; done | sort | uniq -d)" "" \
	"nobody's CPUs are another's"
is "$(how_many 3 "$ann") $(how_many 3 "$bob") $(how_many 3 "$ann" "$bob")" "4 4 8" \
	"a core for each CPU while cores are free"
pkill -u ann,bob,cid stress-ng
wait

# By need: nothing is done to what keeps to its cores; what uses more gets four CPUs.
as ann "ration -n 4 sh -c 'stress-ng -q --cpu 3 --timeout 300 & sleep 8; $allowed; kill \$!'" \
	>"$work/ann"
is "$(head -n 1 "$work/ann")" 0-15 "three busy threads of four: no fence"
as ann "ration -n 4 sh -c 'stress-ng -q --cpu 8 --timeout 300 & sleep 12; $allowed; kill \$!'" \
	>"$work/ann"
is "$(spread "$(head -n 1 "$work/ann")" | wc -l)" 4 "eight: a fence of four CPUs"

# What binds itself works inside, and stays inside.
inside='ration -n 4 --fence=always'
for binder in 'numactl --cpunodebind=0' 'numactl -C 0' 'taskset -c 3' 'hwloc-bind core:1' \
	'mpirun --oversubscribe -np 2' 'mpirun -np 4 --bind-to core'; do
	as ann "$inside sh -c '$allowed; $binder $allowed'" >"$work/said"
	fence=$(head -n 1 "$work/said")
	lines=1
	case $binder in
	*'-np 2') lines=2 ;;
	*'-np 4'*) lines=4 ;;
	esac
	sed 1d "$work/said" | grep -E '^[0-9,-]+$' >"$work/lists"
	is "$(wc -l <"$work/lists")" $lines "$binder works"
	[ "$(wc -l <"$work/lists")" = $lines ] || saw said "$(cat "$work/said")"
	is "$(while read -r list; do spread "$list"; done <"$work/lists" | sort -u |
		while read -r cpu; do spread "$fence" | grep -qx "$cpu" || echo "$cpu"; done)" "" \
		"$binder: and stays inside"
done
done_testing
