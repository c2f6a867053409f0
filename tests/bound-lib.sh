# shellcheck shell=sh disable=SC2154 # names of lib.sh
# SPDX-License-Identifier: MIT
# What runs against what is counted, both seen from outside. Sourced by tests of the bound.
runs_at_work=0
looks=0
overs=0

# at_work CPUS SECONDS START WORKERS OP SIZE [events]: on a machine with so many CPUs, all of them
# granted; see tests/probe/at-work.py. Never do two looks in a row see more threads that want a CPU
# than the ledger grants.
at_work()
{
	cpus=$1
	shift
	watched "$cpus CPUs: $*" \
		on_cpus "$cpus" "$cpus" "$python" "$root/tests/probe/at-work.py" "$@"
}

# watched NAME COMMAND [ARG]...: the same of a command of its own.
watched()
{
	name=$1
	shift
	runs_at_work=$((runs_at_work + 1))
	mkfifo "$work/until-$runs_at_work"
	"$probe/over" "$_RATION_LEDGER" <"$work/until-$runs_at_work" >"$work/over" &
	exec 7>"$work/until-$runs_at_work"
	"$@" 7>&- >"$work/said" 2>&1 || cat "$work/said" >&2
	exec 7>&-
	wait $!
	# looks N over N in-a-row N by N
	# shellcheck disable=SC2046 # words
	set -- $(cat "$work/over")
	at_least "$2" 50 "$name: looks"
	at_most "$6" 1 "$name: of $2, $4 saw more, by $8"
	looks=$((looks + $2))
	overs=$((overs + $4))
}

# seldom_more: at most one look in a hundred of them all: a library that starts its pool, say.
seldom_more()
{
	at_most "$((overs * 100))" "$looks" "of all $looks looks, $overs saw more"
}
