#!/bin/sh
# SPDX-License-Identifier: MIT
# Nothing that a user can change is run, put in force or believed by root: not the library's folder,
# not a tree that root's program enters by chroot, no lock, no path with a quote in it.
. "$(dirname "$0")/lib.sh"

# Where none but root can change anything.
top=/media
mount -t tmpfs -o mode=755 tmpfs $top
libdir=$top/r/lib/ration
mkdir -p "$libdir" $top/r/bin
cp "$bin/libration.so" "$libdir"
cp "$bin/rationctl" "$bin/ration" $top/r/bin
site 'default { cores = 1 }'
switch_on()
{
	ctl enable --login "$1"
}

# What a user may change, anywhere on the way to it.
for place in "$libdir" "$libdir/libration.so" $top/r $top; do
	chown 4001 "$place"
	like "$(switch_on "$libdir/libration.so")" "nothing has been changed: .*(4001|belongs)" \
		"$place is another's"
	chown 0 "$place"
done
like "$(switch_on "$bin/libration.so")" 'nothing has been changed' "a folder that all may change"
mkdir "$top/a'b"
cp "$bin/libration.so" "$top/a'b"
like "$(switch_on "$top/a'b/libration.so")" 'nothing has been changed: .*a shell cannot be told' \
	"a quote"
is "$(find /etc/profile.d /etc -maxdepth 1 -name 'ration.sh' -o -maxdepth 1 -name 'ration.table')" \
	"" "nothing is in force"

# A lock that anyone can take shuts nobody out.
for held in /etc /run /run/ration.lock; do
	as ill flock -F -s "$held" sleep 30 2>/dev/null &
done
sleep 0.3
like "$(switch_on "$libdir/libration.so")" 'in force for logins' "enabled, whatever is locked"
like "$(cat /etc/profile.d/ration.sh)" "$libdir/libration.so" "and so it is"
like "$(ctl disable)" '/etc/profile.d/ration.sh is removed' "disabled"
# shellcheck disable=SC2046 # a number each
kill $(pgrep -x sleep) 2>/dev/null
wait 2>/dev/null

# Root's program enters a tree of a user's and asks for the first time there.
ctl apply >/dev/null
jail=$work/home/ill/jail
mkdir -p "$jail/etc" "$jail/$libdir" "$jail/$top/r/bin"
printf '#!/bin/sh\n: >/owned\n' >"$jail/$libdir/ration"
chmod 755 "$jail/$libdir/ration"
cp "$jail/$libdir/ration" "$jail/$top/r/bin/ration"
cp "$jail/$libdir/ration" "$jail/$top/r/bin/rationctl"
printf 'user "root" { cores = 1 }\n' >"$jail/conf"
chown -R 4001 "$work/home/ill"
as ill rationctl apply --table="$jail/etc/ration.table" "$jail/conf" >/dev/null
is "$(stat -c %u "$jail/etc/ration.table")" 4001 "a table of a user's own"
asks='import os, sys
if len(sys.argv) > 1: os.chroot(sys.argv[1])
print(os.sysconf("SC_NPROCESSORS_ONLN"))'
carries="LD_PRELOAD=$libdir/libration.so"
is "$(as root env "$carries" "$debian" -c "$asks")" 1 "root's own table holds for root"
is "$(as root env "$carries" "$debian" -c "$asks" "$jail")" "$(getconf _NPROCESSORS_ONLN)" \
	"in a tree of a user's no table does"
is "$(find "$jail" -name owned)" "" "nor is anything of it run"
done_testing
