#!/bin/sh
# SPDX-License-Identifier: MIT
# How the programs are built, for root runs them over what others made; and what a watcher has.
. "$(dirname "$0")/lib.sh"

for program in ration rationctl; do
	like "$(readelf -hW "$bin/$program")" 'Type: +DYN' "$program: its place is not known before"
	like "$(readelf -dW "$bin/$program")" 'FLAGS.* NOW' "$program: bound at start"
	segments=$(readelf -lW "$bin/$program")
	like "$segments" 'GNU_RELRO' "$program: what was bound is read-only"
	unlike "$segments" 'RWE' "$program: nothing is writable and executable"
	like "$segments" 'GNU_STACK.* RW ' "$program: nor is the stack"
	symbols=$(nm -D "$bin/$program")
	like "$symbols" ' __stack_chk_fail' "$program: guards on the stack"
	like "$symbols" ' __(f|s|v|vf|vs|vsn|sn)printf_chk' "$program: calls that know their room"
done
segments=$(readelf -lW "$bin/libration.so")
unlike "$segments" 'RWE' "the library: nothing is writable and executable"
like "$segments" 'GNU_STACK.* RW ' "the library: nor is the stack"

as bob ration -n 1 --fence=always sleep 3 &
for _ in $(seq 100); do # when the command is there, what is left of that name watches it
	pgrep -x sleep >/dev/null && pid=$(pgrep -x ration) && break
	sleep 0.02
done
like "$(cat "/proc/$pid/status")" '^NoNewPrivs:.1$' "a watcher can gain no privileges"
like "$(cat "/proc/$pid/status")" '^Seccomp:.2$' "and has a filter for its calls"
is "$(find "/proc/$pid/fd" -type l ! -lname /dev/null ! -lname '/proc/*' \
	! -lname 'anon_inode:?pidfd?' 2>/dev/null)" "" \
	"and has nothing open but the command, and what it reads of /proc"
wait

# Root's has two rights: what root's command has made another user's is held like the rest.
as root ration -n 1 setpriv --reuid 4002 --regid 4002 --clear-groups spin 4 20 >/dev/null &
for _ in $(seq 100); do
	spinning=$(pgrep -x -n spin) && [ "$(pgrep -x -c ration)" = 1 ] \
		&& [ "$(allowed "$spinning")" = "$(allowed "$spinning" | tr -d ,-)" ] && break
	sleep 0.05
done
is "$(allowed "$spinning" | grep -c '^[0-9]*$')" 1 "another user's process is inside root's fence"
is "$(sed -n 's/^Uid:\t//p' "/proc/$spinning/status" | cut -f 1)" 4002 "it is another user's"
is "$(sed -n 's/^CapEff:\t//p' "/proc/$(pgrep -x ration)/status")" "0000000000880000" \
	"root's watcher has CAP_SYS_PTRACE and CAP_SYS_NICE"
# shellcheck disable=SC2046 # a number each
kill $(pgrep -x spin)
wait
done_testing
