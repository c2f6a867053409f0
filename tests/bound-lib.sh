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

# watched NAME COMMAND [ARG]...: the same of a command of its own. Asked again, twice at most, as on
# a busy machine a thread that is about to sleep has to wait for a CPU to do so.
watched()
{
	name=$1
	shift
	for try in 1 2 3; do
		look "$@"
		# looks N over N in-a-row N by N
		[ "$(cut -d" " -f6 "$work/over")" -gt 1 ] || break
		echo "# $name: $(cat "$work/over"), try $try"
	done
	# shellcheck disable=SC2046 # words
	set -- $(cat "$work/over")
	at_least "$2" 50 "$name: looks"
	at_most "$6" 1 "$name: of $2, $4 saw more, by $8"
	looks=$((looks + $2))
	overs=$((overs + $4))
}

look() # COMMAND [ARG]...: what the witness says in the end
{
	runs_at_work=$((runs_at_work + 1))
	mkfifo "$work/until-$runs_at_work"
	"$probe/over" "$_RATION_LEDGER" <"$work/until-$runs_at_work" >"$work/over" &
	exec 7>"$work/until-$runs_at_work"
	"$@" 7>&- >"$work/said" 2>&1 || cat "$work/said" >&2
	exec 7>&-
	wait $!
}

# seldom_more: at most one look in a hundred of them all: a library that starts its pool, say.
seldom_more()
{
	at_most "$((overs * 100))" "$looks" "of all $looks looks, $overs saw more"
}
