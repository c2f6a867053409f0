#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl slices: the drop-ins that follow from a configuration, that they are written whole, and
# that nothing of anybody else is touched.
. "$(dirname "$0")/../lib.sh"

export RATION_CONF="$work/site.conf"
there=$work/root
units=$there/etc/systemd/system
ctl()
{
	timeout 20 "$build/rationctl" slices "$@"
}
site()
{
	printf '%b' "$1" >"$RATION_CONF"
}
files()
{
	(cd "$there" && find . ! -type d | sed 's,^\./etc/systemd/system/,,' | sort)
}
ours='# Written by rationctl slices; rationctl slices --remove takes it away.'
mkdir "$there"

is "$(ctl)" "" "no configuration, no slices"
site 'default { }\nuser "nobody" { exempt = true }'
is "$(ctl)" "" "nor if nobody is limited"
nobody=$(id -u nobody)
online=$(getconf _NPROCESSORS_ONLN)
site 'default {\n cores = 3\n}\nuser "nobody" { cores = 7 }\nuser "no-such-user" { cores = 1 }
user "daemon" { cores = 3 }\nuser "bin" {\n exempt = yes }\nuser "sys" { fence = never }'
is "$(ctl)" "# /etc/systemd/system/user-.slice.d/50-ration.conf
$ours
# $RATION_CONF:2
[Slice]
CPUQuota=300%

# /etc/systemd/system/user-$nobody.slice.d/50-ration.conf
$ours
# $RATION_CONF:4
[Slice]
CPUQuota=700%

# /etc/systemd/system/user-$(id -u bin).slice.d/50-ration.conf
$ours
# $RATION_CONF:8
[Slice]
CPUQuota=

# /etc/systemd/system/user-$(id -u sys).slice.d/50-ration.conf
$ours
# $RATION_CONF:9
[Slice]
CPUQuota=" "default, a user with more, one as everybody, one exempt, one without a fence"
is "$(ls -A "$there")" "" "which is only printed"
site 'default { cores = 100% }'
like "$(ctl)" "^CPUQuota=${online}00%$" "a percentage is of the CPUs online"

# Groups: a member by the list of the group, and one by primary group.
primary=$(id -gn nobody)
site "group \"$primary\" { cores = 5 }"
is "$(ctl | grep -c .)" "$(($(ctl | grep -c CPUQuota=500%) * 5))" "everyone of a group has five"
like "$(ctl)" "^# /etc/systemd/system/user-$nobody.slice.d/50-ration.conf$" "by primary group"
like "$(ctl)" "^# $RATION_CONF:1$" "with the line that says so"

# Writing.
site 'default { cores = 3 }\nuser "nobody" { cores = 7 }'
all="user-.slice.d/50-ration.conf
user-$nobody.slice.d/50-ration.conf"
is "$(ctl --write --root="$there")" "wrote $units/user-.slice.d/50-ration.conf
wrote $units/user-$nobody.slice.d/50-ration.conf" "--write says what it does"
is "$(files)" "$all" "and does it"
is "$(cat "$units/user-.slice.d/50-ration.conf")" "$ours
# $RATION_CONF:1
[Slice]
CPUQuota=300%" "the content"
is "$(stat -c %a "$units/user-.slice.d/50-ration.conf")" 644 "anyone may read it"
is "$(ctl --write --root="$there")" "kept $units/user-.slice.d/50-ration.conf
kept $units/user-$nobody.slice.d/50-ration.conf" "once more: nothing to do"
site 'default { cores = 4 }'
echo '# mine' >"$units/user-$nobody.slice.d/60-mine.conf"
is "$(ctl --write --root="$there")" "wrote $units/user-.slice.d/50-ration.conf
removed $units/user-$nobody.slice.d/50-ration.conf" "what is not wanted any more goes"
is "$(files)" "user-.slice.d/50-ration.conf
user-$nobody.slice.d/60-mine.conf" "and what is another's stays"
like "$(cat "$units/user-.slice.d/50-ration.conf")" '^CPUQuota=400%$' "replaced"
mkdir "$work/second"
strace -e trace=openat,fsync,renameat -o "$work/trace" "$build/rationctl" slices --write \
	--root="$work/second" >/dev/null
is "$(sed -n 's/(.*\.50-ration\.new.*/ new/p; s/^fsync(.*/fsync/p' "$work/trace" |
	paste -sd, -)" "openat new,fsync,renameat new,fsync" \
	"a new file, on the disk, then its name"

# Interrupted: what a killed one left is no drop-in, and is cleared away by the next.
echo half >"$units/user-.slice.d/.50-ration.new"
site 'default { cores = 5 }'
ctl --write --root="$there" >/dev/null
is "$(files)" "user-.slice.d/50-ration.conf
user-$nobody.slice.d/60-mine.conf" "what an interrupted one left is gone"

# Not ours.
echo '[Slice]' >"$units/user-.slice.d/50-ration.conf"
is "$(ctl --write --root="$there" 2>&1; echo $?)" \
	"rationctl: $units/user-.slice.d/50-ration.conf is not ours to replace; move it away
1" "a file that somebody else wrote is not replaced"
is "$(ctl --remove --root="$there"; echo $?)" 0 "nor removed"
is "$(cat "$units/user-.slice.d/50-ration.conf")" "[Slice]" "it stays as it was"
for kind in link fifo directory; do
	rm -rf "$units/user-.slice.d/50-ration.conf"
	printf '%s\n' "$ours" >"$work/target"
	case $kind in
	link)	ln -s "$work/target" "$units/user-.slice.d/50-ration.conf" ;;
	fifo)	mkfifo "$units/user-.slice.d/50-ration.conf" ;;
	*)	mkdir "$units/user-.slice.d/50-ration.conf" ;;
	esac
	returns 1 "a $kind in its place: --write" ctl --write --root="$there"
	returns 0 "a $kind in its place: --remove" ctl --remove --root="$there"
	is "$(ls "$units/user-.slice.d")" 50-ration.conf "a $kind in its place: it stays"
done
is "$(cat "$work/target")" "$ours" "and so does what a link points to"
rm -rf "$units/user-.slice.d/50-ration.conf"

# Removing.
site 'default { cores = 3 }\nuser "nobody" { cores = 7 }'
ctl --write --root="$there" >/dev/null
is "$(ctl --remove --root="$there" | sort)" "removed $units/user-.slice.d/50-ration.conf
removed $units/user-$nobody.slice.d/50-ration.conf" "--remove"
is "$(cd "$units" && find . | sort)" ".
./user-$nobody.slice.d
./user-$nobody.slice.d/60-mine.conf" "with its directories, but for those of others"
is "$(ctl --remove --root="$there"; echo $?)" 0 "nothing left to remove"

# Trouble.
site 'default { corse = 3 }'
is "$(ctl --write --root="$there" 2>&1; echo $?)" "rationctl: $RATION_CONF:1: no such option \
'corse'; a section takes cores, exempt, locked, fence
1" "a bad configuration changes nothing"
site 'default { cores = 3 }'
is "$(ctl --write --remove 2>&1; echo $?)" "rationctl: slices: --write or --remove, not both
2" "--write --remove"
echo >"$work/file"
is "$(ctl --write --root="$work/file" 2>&1; echo $?)" \
	"rationctl: $work/file/etc/systemd/system/user-.slice.d/50-ration.conf: Not a directory
2" "where nothing can be written"
is "$(ctl --write --root="$(printf '%4090s' '' | tr ' ' x)" 2>&1 | sed 's/.*: //')" \
	"File name too long" "a path that is too long"

# What systemd says of it, where it is.
if command -v systemd-analyze >/dev/null; then
	rm -rf "$there"
	mkdir "$there"
	ctl --write --root="$there" >/dev/null
	mkdir -p "$work/run"
	printf '[Unit]\nDescription=a user\n' >"$units/user-4242.slice"
	is "$(XDG_RUNTIME_DIR=$work/run SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify \
		"$units/user-4242.slice" 2>&1 | grep ration)" "" "systemd-analyze verify"
	is "$(sed -i s/CPUQuota=.*/CPUQuota=many/ "$units/user-.slice.d/50-ration.conf"
		XDG_RUNTIME_DIR=$work/run SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify \
		"$units/user-4242.slice" 2>&1 | grep -c 50-ration)" 1 "which does look at it"
fi
done_testing
