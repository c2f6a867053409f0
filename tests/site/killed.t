#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl enable and disable, killed before each of their system calls in turn: what is in force
# is what was before or what is wanted, whole, and the machine starts programs and lets people in.
. "$(dirname "$0")/lib.sh"

well="shell su sudo login "
echo '# before' >"$loads"
before=$(cat "$loads")
after=$before'
'$told
snippet=$site/etc/profile.d/ration.sh
ctl enable --login >/dev/null
cp "$snippet" "$work/snippet"
ctl disable >/dev/null

# state: what is in force.
state()
{
	if [ "$(cat "$loads")" = "$before" ]; then
		echo off
	elif [ "$(cat "$loads")" = "$after" ]; then
		echo on
	else
		echo broken
	fi
	if [ -e "$snippet" ]; then
		cmp -s "$snippet" "$work/snippet" && echo login || echo broken
	fi
}

# each WAY FROM TO ACTION...: killed at every step of it, and then let do it.
each()
{
	way=$1
	from=$2
	to=$3
	shift 3
	n=0
	: >"$work/states"
	wrong=
	while n=$((n + 1)); [ $n -lt 5000 ]; do
		env -i "$probe/killed-at" $n "$build/rationctl" "$@" --root="$site" \
			>/dev/null 2>&1 || break
		now=$(state | tr '\n' ' ')
		echo "$now" >>"$work/states"
		[ "$(within /bin/true)$(within su ann -c 'echo fine; /bin/true')" = fine ] ||
			wrong="$wrong $n"
		[ $((n % 20)) = 0 ] && [ "$(alive)" != "$well" ] && wrong="$wrong $n"
		[ "$now" = "$from" ] || back
	done
	is "$wrong" "" "$way: $((n - 1)) kills, and programs and logins go on"
	is "$(sort -u "$work/states")" "$(printf '%s\n' "$from" "$to" | sort -u)" \
		"$way: before or after, nothing between"
	is "$(state | tr '\n' ' ')" "$to" "$way: not killed, it is done"
	is "$(alive)" "$well" "$way: all is well"
	is "$(find "$site/etc" -name '*ration-*')" "" "$way: nothing of the killed ones is left"
}
back()
{
	# shellcheck disable=SC2086 # the words of it
	ctl $undo >/dev/null
}
undo=disable
each "enable --preload" "off " "on " enable --preload
undo="enable --preload"
each disable "on " "off " disable
undo=disable
each "enable --login" "off " "off login " enable --login
undo="enable --login"
each "disable --login" "off login " "off " disable --login
done_testing
