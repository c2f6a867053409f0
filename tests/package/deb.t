#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian package in a fresh Debian 12: lintian, install, the seed's program, upgrade, remove and
# purge; and that no line of /etc/ld.so.preload outlives the library.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/package/lib.sh
. "$root/tests/package/lib.sh"

version=$(sed -n 's/^VERSION *= *//p' "$root/Makefile")
arch=$(dpkg --print-architecture)
one=$build/deb/ration_$version-1_$arch.deb
returns 0 "make deb" make -s -C "$root" BUILD="$build" deb
returns 0 "make deb, revision 2" make -s -C "$root" BUILD="$build" DEB_REVISION=2 deb
is "$(lintian --fail-on error --tag-display-limit 0 "$one" 2>&1 | grep '^E:'; lintian --fail-on \
	error "$one" >/dev/null 2>&1; echo $?)" 0 "lintian finds no error"
first=$(sha256sum <"$one")
make -s -C "$root" BUILD="$build" deb >/dev/null 2>&1
is "$(sha256sum <"$one")" "$first" "built again, it is the same"

# shellcheck disable=SC2086 # words
fresh deb python $with_python
there=$work/deb
cp "$build"/deb/ration_*.deb "$there/var/tmp/"
everything()
{
	(cd "$there" && find etc usr/bin usr/lib/ration usr/share/man usr/share/doc/ration \
		usr/lib/systemd -xdev 2>/dev/null | grep -v ld.so.cache | sort)
}
everything >"$work/before"
# A mount point for the sandbox must not count, nor what dpkg keeps for itself.
is "$(inside "$there" "apt-get -q update >/dev/null && apt-get -q install -y \
	/var/tmp/ration_$version-1_$arch.deb >/var/tmp/log 2>&1; echo \$?")" 0 "installs, by apt"
everything >"$work/after"
is "$(comm -13 "$work/before" "$work/after" | grep -v -e share/ -e lib/ration |
	grep -v -x -e 'usr/lib/systemd\(/system\)\?')" "etc/ration.conf
usr/bin/ration
usr/bin/rationctl
usr/lib/systemd/system/ration-apply.path
usr/lib/systemd/system/ration-apply.service
usr/lib/systemd/system/ration-apply.timer" \
	"it puts nothing into /etc but its configuration: nothing is enabled"
is "$(inside "$there" 'dpkg --verify ration; dpkg -s ration | grep Status')" \
	"Status: install ok installed" "all of it is as packaged"
is "$(inside "$there" 'rationctl check && ration -n 1 nproc && LD_PRELOAD= nproc')" \
	"/etc/ration.conf: good; sections: 1, files: 1
/var/tmp/.config/ration.conf: not there; it limits nobody
1
$(nproc)" "it works for who asks"

is "$(sealed "$there" /usr/lib/ration/libration.so)" "9
1" "its library is ignored if it is cut off"

# The seed's program: six processes, each told to use six threads.
script=/usr/share/doc/ration/examples/pool_6x6.py
demo=$(inside "$there" "$small ration -n 2 --report=/var/tmp/report python3 $script
	cat /var/tmp/report")
like "$demo" '12 matrices of 300 x 300 in [0-9.]+ s, error' "the demo's results are right"
like "$demo" 'budget +2 of' "its budget"
like "$demo" 'asked for 6, given at most [12], in one process' "asked for 6, given no more than 2"
like "$demo" 'processes +at most 7 at once' "all of its processes"

echo '# mine' >>"$there/etc/ration.conf"
inside "$there" 'rationctl enable --preload' >/dev/null
is "$(inside "$there" "ration sleep 100 & pid=\$!; apt-get -q install -y \
	/var/tmp/ration_$version-2_$arch.deb >/var/tmp/log 2>&1; echo \$?
	kill \$pid && echo alive
	dpkg -s ration | grep Version; nproc")" "0
alive
Version: $version-2
$(nproc)" "upgrades, under a program that runs"
is "$(tail -n 1 "$there/etc/ration.conf")" "# mine" "what the administrator wrote stays"
is "$(cat "$there/etc/ld.so.preload")" '/usr/lib/ration/$LIB/libration.so' "and what he enabled"
is "$(stat -c '%a %u' "$there/etc/ration.table")" "644 0" "with the table"
unlike "$(cat "$there/var/tmp/log")" 'ld\.so' "there is no moment without the library"

# Removed while it is enabled, by hand, among others.
printf '%s\n' '# a list of ours' '/lib/a.so /usr/lib/ration/libration.so # two words' \
	'/usr/$LIB/ration/libration.so:/lib/b.so' >"$there/etc/ld.so.preload"
printf 'default { cores = 2 }\n' >"$there/etc/ration.conf"
inside "$there" 'rationctl slices --write' >/dev/null
[ -e "$there/etc/systemd/system/user-.slice.d/50-ration.conf" ]
verdict $? "slices are written"
is "$(inside "$there" 'apt-get -q remove -y ration >/var/tmp/log 2>&1; echo $?' |
	grep -v '^ERROR: ld.so')" 0 "removes"
is "$(cat "$there/etc/ld.so.preload")" "# a list of ours
/lib/a.so # two words
/lib/b.so" "nothing of ours is preloaded any more; what is others' stays"
rm "$there/etc/ld.so.preload"
is "$(cd "$there" && ls -d etc/ration.* usr/bin/ration* usr/lib/ration \
	etc/systemd/system/user-* 2>/dev/null)" etc/ration.conf "only its configuration stays"
is "$(inside "$there" 'apt-get -q purge -y ration >/var/tmp/log 2>&1; echo $?')" 0 "purges"
everything >"$work/after"
is "$(comm -13 "$work/before" "$work/after" | grep -i ration)" "" "nothing is left"

# By the path that `enable` writes, once with no rationctl that could take it away.
inside "$there" "dpkg -i /var/tmp/ration_$version-1_$arch.deb" >/dev/null
like "$(inside "$there" 'rationctl enable --preload; cat /etc/ld.so.preload')" \
	'^/usr/lib/ration/\$LIB/libration.so$' "enabled"
is "$(inside "$there" 'nproc >/dev/null; cat /proc/self/maps' | grep -c ration/libration.so)" \
	"$(inside "$there" 'LD_PRELOAD=/usr/lib/ration/libration.so cat /proc/self/maps' |
	grep -c ration/libration.so)" "in every program, once"
is "$(inside "$there" 'rm /usr/bin/rationctl; dpkg --purge ration >/var/tmp/log 2>&1; echo $?
	ls /etc/ld.so.preload 2>&1; /bin/true')" "0
ls: cannot access '/etc/ld.so.preload': No such file or directory" \
	"removed while it is enabled: the list goes"
is "$(ls "$there"/etc/ration.* 2>/dev/null)" "" "and the table"

inside "$there" "dpkg -i /var/tmp/ration_$version-1_$arch.deb" >/dev/null
echo /usr/lib/ration/libration.so >"$there/etc/ld.so.preload"
is "$(inside "$there" 'dpkg --purge ration >/var/tmp/log 2>&1; echo $?; ls /etc/ld.so.preload 2>&1
	/bin/true')" "0
ls: cannot access '/etc/ld.so.preload': No such file or directory" \
	"enabled by its line alone: the list goes, and programs run"

# 32-bit programs of another architecture, and what they print.
fresh narrow i386 hello:i386 libconfuse2
there=$work/narrow
cp "$one" "$there/var/tmp/"
inside "$there" "dpkg -i /var/tmp/ration_$version-1_$arch.deb" >/dev/null
hello=$(inside "$there" hello)
is "$hello" "Hello, world!" "a 32-bit program"
is "$(inside "$there" 'rationctl enable --preload | head -n 1; hello; su -c hello')" \
	"/etc/ld.so.preload names /usr/lib/ration/\$LIB/libration.so: in force for all programs \
that start from now on
$hello
$hello" "enabled, it says no more"
is "$(inside "$there" '/lib/ld-linux.so.2 --list /usr/bin/hello' | grep -o '=> .*libration.so')" \
	"=> /usr/lib/ration/lib/i386-linux-gnu/libration.so" "with the library that is for it"
is "$(inside "$there" 'dpkg --purge ration >/var/tmp/log 2>&1; echo $?; hello')" "0
$hello" "removed, it still runs"
done_testing
