#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl enable and disable, and whatever can go wrong: the machine always starts programs,
# and lets people in, afterwards.
. "$(dirname "$0")/lib.sh"

well="shell su sudo login "
is "$(alive)" "$well" "a machine to begin with"

# Both ways, there and back.
rm "$site/etc/ration.conf"
follows="/etc/ration.conf is not there: it limits nobody
after a change of /etc/ration.conf: rationctl apply"
is "$(ctl enable --preload)" \
	"/etc/ld.so.preload names $told: in force for all programs that start from now on
$follows" "enable --preload"
is "$(cat "$loads")" "$told" "the file"
is "$(stat -c '%a %u %g' "$loads")" "644 0 0" "its mode and owner"
is "$(alive)" "$well" "programs, su, sudo and logins go on, in silence"
has_it='grep -o " /.*libration.so$" /proc/self/maps | sort -u'
is "$(within sh -c "$has_it")" " $library" "they have the library"
is "$(ctl enable --preload)" "/etc/ld.so.preload names $told already
$follows" "once more changes nothing"

# 32-bit programs: one without it all, and one of the C library that is installed here.
cc -m32 -nostdlib -Wl,-dynamic-linker,/lib/ld-linux.so.2 -xc - \
	-o "$site/usr/local/bin/narrow" <<'END'
void _start(void) { __asm__("mov $1, %eax; mov $7, %ebx; int $0x80"); }
END
narrow()
{
	within narrow
	echo "$?"
	within /lib/ld-linux.so.2 --list /lib32/libm.so.6 | grep -c -e ERROR -e lib32/ration
}
is "$(narrow)" "7
0" "a 32-bit program runs, in silence"
is "$(within /lib/ld-linux.so.2 --list /lib32/libm.so.6 |
	grep -o '=> /.*libration.so')" "=> /usr/local/lib/ration/lib32/libration.so" \
	"with an empty library in the place of the other"
empty=$site${library%/*}/lib/libration.so
cp "$empty" "$work/empty"
wrong=
for length in 0 1 51 52 64 200 832 3000 4096 $(($(stat -c %s "$empty") - 1)); do
	head -c "$length" "$work/empty" >"$empty"
	narrow | grep -q -x 7 || wrong="$wrong $length"
	[ "$(alive)" = "$well" ] || wrong="$wrong $length!"
done
is "$wrong" "" "which is ignored when it is cut off"
cp "$work/empty" "$empty"
chmod 666 "$empty"
ctl disable >/dev/null
like "$(ctl enable --preload)" "names $library: " "it is not used if others could change it"
is "$(narrow)" "ERROR: ld.so: object '$library' from /etc/ld.so.preload cannot be \
preloaded (wrong ELF class: ELFCLASS64): ignored.
7
1" "without it, 32-bit programs run, and complain"
like "$(ctl enable --preload)" "names $library already" "once more"
chmod 644 "$empty"
like "$(ctl enable --preload)" "names .*LIB/libration.so: " "when it has been mended, it is used"
is "$(cat "$loads")" "$told" "in the place of the other line"
mv "$site${library%/*}/lib/x86_64-linux-gnu" "$work/link"
ctl disable >/dev/null
like "$(ctl enable --preload)" "names $library: .*|32-bit programs run here without it" \
	"where the loader's word leads nowhere, the plain path is used"
is "$(cat "$loads")" "$library" "alone"
mv "$work/link" "$site${library%/*}/lib/x86_64-linux-gnu"
rm "$site${library%/*}/lib32"
ctl disable >/dev/null
like "$(ctl enable --preload)" "32-bit programs run here without it" \
	"where that of 32-bit programs does, it says what they will say"
ln -s lib "$site${library%/*}/lib32"
is "$(ctl disable)" "/etc/ld.so.preload names it no more
programs that run keep it until they end" "disable"
is "$(ls "$loads" "$site/etc/ration.table" 2>/dev/null)" "" "the file is gone, and the table"
is "$(ctl disable)" "it was not enabled" "once more changes nothing"
is "$(ctl enable --login)" \
	"/etc/profile.d/ration.sh puts $told into LD_PRELOAD: in force for logins from now on
$follows" "enable --login"
is "$(within su - ann -c 'echo "$LD_PRELOAD"')" "$told" "a login has it"
is "$(within su - ann -c 'bash -lc "echo \$LD_PRELOAD"')" "$told" "and a login in it, once"
is "$(within su - ann -c "$has_it")" " $library" "its programs have the library"
is "$(within su - ann -c 'narrow; echo $?')" 7 "and 32-bit ones are silent"
is "$(within su - ann -c "ration sh -c '$has_it; nproc'")" " $library
$(nproc)" "with ration, once"
is "$(within su ann -c 'echo "$LD_PRELOAD"')" "" "what is no login has not"
is "$(alive)" "$well" "logins go on"
cp "$site$library" "$work/whole"
head -c 9000 "$work/whole" >"$site$library"
is "$(alive)" "$well" "with a library cut off, too, in silence"
is "$(within su - ann -c 'echo "$LD_PRELOAD"')" "" "without it"
cc -shared -fPIC -nostdlib -o "$site$library" -xc - <<'END'
__attribute__((constructor)) static void end(void) { __builtin_trap(); }
END
is "$(alive)" "$well" "with one that crashes"
is "$(within su - ann -c 'echo "$LD_PRELOAD"')" "" "without it"
rm "$site$library"
is "$(alive)" "$well" "and with none"
cp "$work/whole" "$site$library"
is "$(ctl disable --login; ls "$site/etc/profile.d")" "/etc/profile.d/ration.sh is removed
programs that run keep it until they end" "disable --login leaves nothing"

# From inside, as packages and people run it.
is "$(within rationctl enable --preload; within rationctl disable | tail -n 1)" \
	"/etc/ld.so.preload names $told: in force for all programs that start from now on
$follows
programs that run keep it until they end" "the installed rationctl finds the installed library"
is "$(within su ann -c "rationctl enable --login")" \
	"rationctl: root alone can change what all users run; try it with sudo" "not for a user"

# Entries of others.
cc -shared -fPIC -nostdlib -o "$site/usr/local/lib/other.so" -xc /dev/null
for text in '# ours\n/usr/local/lib/other.so\n' '/usr/local/lib/other.so' \
	'\n\n/usr/local/lib/other.so # no end'; do
	printf '%b' "$text" >"$loads"
	cp "$loads" "$work/before"
	ctl enable --preload >/dev/null
	is "$(grep -c -x -F "$told" "$loads")" 1 "added to '$text'"
	ctl disable >/dev/null
	is "$(cmp "$loads" "$work/before" && echo same)" same "and taken away: byte for byte"
done
rm "$loads"
ln -s /etc/other "$loads"
is "$(ctl enable --preload)" "rationctl: /etc/ld.so.preload: is a symbolic link; put the file \
itself there" "a symbolic link is not followed"
rm "$loads"

# A library that others could change, or not all could read.
refused()
{
	is "$(ctl enable --preload)" "rationctl: nothing has been changed: $1" "refused: $2"
	is "$(ls "$loads" 2>/dev/null)" "" "nothing there: $2"
}
chmod 664 "$site$library"
refused "$library: can be written by others than root; end that: chmod go-w $library, or install \
ration elsewhere" "writable"
chmod 640 "$site$library"
refused "$library: not all users can read it; let them: chmod a+r $library, or install ration \
elsewhere" "unreadable"
chmod 644 "$site$library"
chown 1000 "$site$library"
refused "$library: belongs to uid 1000; have root own it: chown root $library" "another's"
chown 0 "$site$library"
chmod 1777 "$site${library%/*}"
refused "${library%/*}: can be written by others than root; end that: chmod go-w ${library%/*}, \
or install ration elsewhere" "in a folder for all"
chmod 750 "$site${library%/*}"
refused "${library%/*}: not all users can read it; let them: chmod a+x ${library%/*}, or install \
ration elsewhere" "in a closed folder"
chmod 755 "$site${library%/*}"
head -c 9000 "$work/whole" >"$site$library"
like "$(ctl enable --preload)" "nothing has been changed: .*: with it, /bin/true ended with 0: .*\
cannot be preloaded \(cannot read file data\): ignored" "refused: cut off"
: >"$site$library"
like "$(ctl enable --preload)" "nothing has been changed: .*file too short" "refused: empty"
cc -shared -fPIC -nostdlib -o "$site$library" -xc - <<'END'
__attribute__((constructor)) static void end(void) { __builtin_trap(); }
END
like "$(ctl enable --preload)" "nothing has been changed: .*: with it, /bin/true died of" \
	"refused: it crashes"
cc -shared -fPIC -nostdlib -o "$site$library" -xc - <<'END'
__attribute__((constructor)) static void end(void)
{
	register long r10 __asm__("r10") = 0, r8 __asm__("r8") = 0;
	long answer;

	/* prctl(PR_GET_NO_NEW_PRIVS) */
	__asm__ volatile("syscall" : "=a"(answer)
			 : "a"(157L), "D"(39L), "S"(0L), "d"(0L), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	if (answer == 1)
		__builtin_trap();
}
END
like "$(ctl enable --preload)" "nothing has been changed: .*: with it, /usr/bin/setpriv died of" \
	"refused: it ends programs that give up rights"
is "$(ls "$loads" "$loads".* 2>/dev/null)" "" "after all of that nothing is there"

# In other places.
cp "$work/whole" "$site$library"
odd()
{
	mkdir -p "$site$1"
	cp "$work/whole" "$site$1/libration.so"
	ctl enable --preload "$1/libration.so"
}
for place in '/var/two words' /var/a:b '/var/a#b' '/var/$LIB' /var/100%; do
	is "$(odd "$place")" "rationctl: nothing has been changed: $place/libration.so: the loader \
cannot be told such a path; install ration where there is no space, colon, # or \$ in it" \
		"refused: in $place"
done
for place in "/var/a'b" '/var/a"b' '/var/a\b' '/var/a`b'; do
	is "$(odd "$place")" "rationctl: nothing has been changed: $place/libration.so: a shell \
cannot be told such a path; install ration where there is no quote and no backslash in it" \
		"refused: in $place"
done
like "$(odd /var/plain)" "^/etc/ld.so.preload names /var/plain/libration.so: " "named, elsewhere"
is "$(alive)" "$well" "and all is well"
ln -s plain "$site/var/link"
is "$(ctl enable --preload /var/link/libration.so | head -n 1)" \
	"/etc/ld.so.preload names /var/plain/libration.so already" "by a link: what it leads to"
like "$(ctl enable --preload)" "names .*LIB/libration.so: " "the installed one takes its place"
is "$(cat "$loads")" "$told" "there is one"
ctl disable >/dev/null
cp "$work/whole" "$site/var/plain/other.so"
is "$(ctl enable --preload /var/plain/other.so)" "rationctl: /var/plain/other.so: is not called \
libration.so, by which disable knows it" "refused: by another name"
is "$(ctl enable --preload /var/none.so)" "rationctl: /var/none.so: No such file or directory" \
	"refused: not there"
is "$(ls "$loads" 2>/dev/null)" "" "nothing is there"

# One that only fails when it is in force: what was there comes back.
cc -shared -fPIC -o "$site$library" -xc - <<'END'
#include <stdlib.h>
__attribute__((constructor)) static void end(void)
{
	if (!getenv("LD_PRELOAD"))
		abort();
}
END
echo '# before' >"$loads"
like "$(ctl enable --preload)" "/etc/ld.so.preload is as it was: .*: with it, /bin/true died of" \
	"one that fails only in force is taken back"
is "$(cat "$loads"; ls "$loads".* "$site"/etc/ration.table* 2>/dev/null)" "# before" \
	"the file of before is there, alone"
is "$(alive)" "$well" "and all is well"
rm "$loads"
like "$(ctl enable --preload)" "is as it was" "the same where there was no file"
is "$(ls "$loads" "$loads".* 2>/dev/null)" "" "there is none again"
cp "$work/whole" "$site$library"

# Enabled, and then the library suffers.
ctl enable --preload >/dev/null
for length in 1 64 832 4096 20000 $(($(stat -c %s "$work/whole") - 1)); do
	head -c "$length" "$work/whole" >"$work/part"
	cp "$work/part" "$site$library"
	like "$(alive)" "shell .*su .*sudo .*login" "cut off at $length: all start"
done
rm "$site$library"
like "$(alive)" "shell .*su .*sudo .*login" "missing: all start"
is "$(within rationctl disable | tail -n 1)" "programs that run keep it until they end" \
	"and disable works from within"
cp "$work/whole" "$site$library"

# The way out of a machine whose programs all die: a static shell.
cc -shared -fPIC -nostdlib -o "$site/usr/local/lib/crash.so" -xc - <<'END'
__attribute__((constructor)) static void end(void) { __builtin_trap(); }
END
echo /usr/local/lib/crash.so >"$loads"
is "$(within /bin/true >/dev/null 2>&1; [ $? -gt 128 ] && echo dead)" dead "all die"
within /bin/busybox sh -c ': >/etc/ld.so.preload' >/dev/null
is "$(alive)" "$well" "busybox brings them back"
rm "$loads"

# No room, and no right to write.
mkdir -p "$work/etc"
mount -t tmpfs -o size=8m,mode=755 tmpfs "$work/etc"
cp -a "$site/etc/." "$work/etc"
mount --bind "$work/etc" "$site/etc"
echo '# before' >"$loads"
dd if=/dev/zero of="$site/etc/filler" bs=4096 >/dev/null 2>&1
for way in --preload --login; do
	like "$(ctl enable $way)" "No space left on device; nothing has been changed" \
		"disk full: $way"
	is "$(cat "$loads"; find "$site/etc" -name '*ration-*' -o -name ration.sh \
		-o -name ration.table)" "# before" \
		"nothing has: $way"
done
rm "$site/etc/filler"
ctl enable --preload >/dev/null
dd if=/dev/zero of="$site/etc/filler" bs=4096 >/dev/null 2>&1
like "$(ctl disable)" "No space left on device; nothing has been changed" "disk full: disable"
is "$(alive)" "$well" "all is well"
rm "$site/etc/filler"
mount -o remount,ro,bind "$site/etc"
like "$(ctl disable)" "Read-only file system; nothing has been changed" "read-only: disable"
mount -o remount,rw,bind "$site/etc"
ctl disable >/dev/null
mount -o remount,ro,bind "$site/etc"
like "$(ctl enable --preload)" "Read-only file system; nothing has been changed" \
	"read-only: enable"
is "$(cat "$loads")" "# before" "nothing has"
umount "$site/etc"
done_testing
