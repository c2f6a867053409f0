#!/bin/sh
# SPDX-License-Identifier: MIT
# Cores of those who end or rest go to those who work, and come back; commands share a budget.
. "$(dirname "$0")/../lib.sh"
export NUMPY_MADVISE_HUGEPAGE=0

# watched COMMAND...: what the command said, then what the witness of the ledger has seen.
watched()
{
	mkfifo "$work/end"
	"$probe/granted" "$_RATION_LEDGER" <"$work/end" >"$work/seen" &
	exec 9>"$work/end"
	"$@" 9>&-
	exec 9>&-
	wait $!
	cat "$work/seen"
	rm "$work/end"
}

lend()
{
	watched on_cpus 16 16 "$python" "$root/tests/probe/lend.py" "$@" 2>"$work/ms"
}

ones="1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
for flavour in wheel openmp; do
	use $flavour
	for how in end rest; do
		is "$(lend 16 4 $how)" "$ones
4 4 4 4
$ones
above 0 busy 16" "$flavour: of 16 workers 12 $how: the others have their cores, and give them back"
		sed "s/^/# after /" "$work/ms"
	done
done
use wheel
is "$(watched on_cpus 6 6 "$python" "$root/tests/probe/nested.py" 2 3 |
	sed 's/ busy.*//')" "1 1 1 1 1 1
above 0" "a pool in each of two workers: six inside, one each"
is "$(watched on_cpus 12 12 "$python" "$root/tests/probe/nested.py" 2 2 |
	sed 's/ busy.*//')" "3 3 3 3
above 0" "four inside, of twelve"

# Two commands of one user, each with 4 at most, under a budget of 6.
echo 'default { cores = 6 }' >"$work/site.conf"
chmod 644 "$work/site.conf"
export RATION_CONF="$work/site.conf"
# steady NAME: such a command, in the background. stands NAME NUMBER: it has come to have so many
# threads (or it has not, after a minute).
steady()
{
	on_cpus 8 4 "$python" "$root/tests/probe/steady.py" "$work/$1.over" >"$work/$1" &
}
stands()
{
	for _ in $(seq 600); do
		[ "$(tail -n 1 "$work/$1")" != "$2" ] || return
		sleep 0.1
	done
}
limit_s=240
steady first
stands first 4
steady second
stands second 3
stands first 3
touch "$work/second.over"
stands first 4
touch "$work/first.over"
wait
is "$(cat "$work/second")" "3" "a second command has half of six"
is "$(tr "\n" " " <"$work/first")" "4 3 4 " \
	"the first gives way to it, and has its own back at its end"
limit_s=60
is "$(on_cpus 8 2 "$python" "$root/tests/probe/nested.py" 1 2)" "1 1" \
	"workers share what a command has"
done_testing
