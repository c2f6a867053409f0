#!/bin/sh
# SPDX-License-Identifier: MIT
# Called by `make uninstall` before anything is taken away, with PREFIX and DESTDIR in its
# environment. Where the site is enabled by this installation it refuses: every program would
# complain of a library that is gone, and rationctl, which helps, would be gone too. Where it is
# enabled by none, what an administrator has put in force goes as well: the site's table, the links
# by which systemd starts its units, and the slices. What another installation uses stays.
set -u
list=$DESTDIR/etc/ld.so.preload
login=$DESTDIR/etc/profile.d/ration.sh
units=$DESTDIR$PREFIX/lib/systemd/system
ctl=$DESTDIR$PREFIX/bin/rationctl

for place in "$PREFIX" "$(realpath -- "$PREFIX" 2>/dev/null || echo "$PREFIX")"; do
	named=$(grep -lsF -e "$place/lib/ration/" "$list" "$login" | head -n 1)
	[ -z "$named" ] || {
		echo "uninstall: ration is enabled in $named: run \"rationctl disable\" first" >&2
		exit 1
	}
done
! grep -qsE '/ration/([^/]*/)?libration[.]so' "$list" "$login" || exit 0

# By rationctl, so that programs that run learn of it; and by hand, for what it cannot.
if [ -z "$DESTDIR" ] && [ -x "$ctl" ] && [ "$(id -u)" = 0 ]; then
	"$ctl" disable >/dev/null
	"$ctl" slices --remove
fi
rm -f "$DESTDIR/etc/ration.table" "$DESTDIR/etc/ration.table.ration-new"
for link in "$DESTDIR"/etc/systemd/system/*.wants/ration-apply.*; do
	[ ! -L "$link" ] || case $DESTDIR$(readlink "$link") in
	"$units"/*)	rm -f "$link" ;;
	esac
done
exit 0
