#!/bin/sh
# SPDX-License-Identifier: MIT
# Shared memory of another user's is copied by a call that can fail: nobody dies of it. The keys of
# a user are anybody's to take first; the segment without a key is not.
. "$(dirname "$0")/lib.sh"

# Huge pages that are not there.
locks="setpriv --reuid 4001 --regid 4001 --clear-groups --inh-caps +ipc_lock"
locks="$locks --ambient-caps +ipc_lock"
for what in ledger fences; do
	# shellcheck disable=SC2086 # the words of a command
	is "$($locks "$bin/foul-segment" huge $what)" 1 "$what of huge pages that are not there"
done
for action in "status --user=ill" "status --json --user=ill" "top --frames=1 --user=ill" \
	"show ill"; do
	# shellcheck disable=SC2086 # the words of an action
	said=$(ctl $action)
	is "$?" 0 "rationctl $action"
	like "$said" 'shared memory of uid 4001 is not to be read: Bad address' "says so"
done
said=$(ctl reap --user=ill)
is "$said" "rationctl: the ledger is not to be cleared: its memory is not there" "reap"
is "$(as bob ration -n 1 --fence=always sh -c 'nproc; :')" 1 "another's command with a fence"
is "$(as root ration -n 1 --fence=always sh -c 'nproc; :')" 1 "and root's"
is "$(as bob ration -n 1 --fence=auto sh -c 'nproc; :')" 1 "and one that may come to have one"

# All keys of cid's are another's: cid has a ledger and fences nevertheless, one of each.
is "$(as ill foul-segment squat 4003)" 16 "all keys of another's"
site "default { cores = 1 }"
as cid ration --fence=always sleep 3 &
for _ in $(seq 100); do
	said=$(ctl status --json --user=cid)
	case $said in *'"raised":true'*) break ;; esac
	sleep 0.02
done
like "$said" '"ledger":true' "the user has a ledger all the same"
like "$said" '"raised":true' "and fences"
for _ in 1 2 3 4 5 6; do
	as cid ration nproc &
done | sort | uniq -c >"$work/counted"
wait
like "$(cat "$work/counted")" '^ *6 1$' "commands that begin together"
is "$(awk '$1 == 0 && $8 == 4003' /proc/sysvipc/shm | wc -l)" 2 "have one of each"
done_testing
