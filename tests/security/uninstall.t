#!/bin/sh
# SPDX-License-Identifier: MIT
# `make uninstall` as root: refused while every program names the library, and else it leaves
# nothing in force of what an administrator has put there.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MAKELEVEL MFLAGS
house()
{
	make -s -C "$root" PREFIX="$work/house" BUILD="$build" "$@" 2>&1
}
# left: of what is in force.
left()
{
	(cd /etc && find . -name 'ration.table*' -o -name '*ration.conf' -o -name 'ration-apply.*')
}
site 'default { cores = 1 }'
house install >/dev/null
in_house=$work/house/bin/rationctl
"$in_house" apply >/dev/null
"$in_house" slices --write >/dev/null
mkdir -p /etc/systemd/system/paths.target.wants
ln -s "$work/house/lib/systemd/system/ration-apply.path" /etc/systemd/system/paths.target.wants
like "$(left)" 'ration.table' "a table is there"
like "$(left)" '50-ration.conf' "a slice, too"

echo "$work/house/lib/ration/libration.so" >/etc/ld.so.preload
is "$(house uninstall | head -n 1)" "uninstall: ration is enabled in /etc/ld.so.preload: run \
\"rationctl disable\" first" "while enabled: refused"
like "$(left)" 'ration.table' "and all stays"
"$in_house" disable --preload >/dev/null
is "$(cat /etc/ld.so.preload 2>&1)" "cat: /etc/ld.so.preload: No such file or directory" "disabled"

"$in_house" apply >/dev/null
# What runs has mapped it, and looks for another one from now on.
exec 9</etc/ration.table
like "$(house uninstall)" 'removed .*50-ration.conf' "make uninstall says what it ends"
is "$(left)" "./ration.conf" "nothing is in force, and what the administrator wrote is there"
is "$(od -An -tx8 -j16 -N8 <&9 | tr -d ' ')" "$(printf '%016x' -1)" "programs that run know"
is "$(find "$work/house" ! -type d)" "" "nor is anything installed"
done_testing
