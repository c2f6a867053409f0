#!/bin/sh
# SPDX-License-Identifier: MIT
# The configuration: what it does to a command, what is said about a bad one, and that a bad one
# never stops a command. Values, sections and syntax are in tests/unit/conf.c and apply.c.
. "$(dirname "$0")/../lib.sh"

user=$(id -un)
export RATION_CONF="$work/site.conf" XDG_CONFIG_HOME="$work/config"
mkdir "$work/config"
own=$XDG_CONFIG_HOME/ration.conf

# site TEXT, own TEXT: what stands in the files from here on.
site()
{
	printf '%b' "$1" >"$RATION_CONF"
}
own()
{
	printf '%b' "$1" >"$own"
}
ctl()
{
	timeout 20 "$build/rationctl" "$@"
}
# cpus [-n CORES]: what a command is told on a machine with eight.
cpus()
{
	FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" ration "$@" env \
		LD_PRELOAD="$shim:$probe/libfake.so" nproc 2>&1
}
# The budget that the user's commands share.
shared()
{
	ctl status | sed -n '1s/.* budget \([0-9]*\) .*/\1/p'
}

is "$(cpus)" 8 "no file: what the machine grants"
site 'default { cores = 3 }'
is "$(cpus)" 3 "cores = 3"
is "$(shared)" 3 "and the ledger knows, without a guest"
is "$(cpus -n 2)" 2 "-n can be less"
is "$(cpus -n 5)" 3 "but not more"
is "$(shared)" 3 "and -n is not the user's budget"
is "$(RATION_CORES=7 cpus)" 3 "nor can RATION_CORES be more"
site 'default { cores = 25% }'
is "$(cpus)" 2 "cores = 25%, of eight"
site 'default { cores = 1% }'
is "$(cpus)" 1 "at least one"
site 'default { cores = 100 }'
is "$(cpus)" 8 "never more than there are"
is "$(shared)" 8 "in the ledger neither"
site "default { cores = 3 }\nuser \"$user\" { cores = 5 }"
is "$(cpus)" 5 "one's own section goes before default"
site "default { cores = 3 }\ngroup \"$(id -gn)\" { cores = 4 }"
is "$(cpus)" 4 "and so does one's group's"
is "$(cpus -n 6 "$build/ration" -n 7)" 4 "a ration in a ration has no more"
own 'cores = 2'
is "$(cpus)" 2 "one's own file can lower"
own 'cores = 7'
is "$(cpus)" 4 "and not raise"
own 'default { cores = 50% }'
site ''
is "$(cpus)" 4 "one's own file by itself"
rm "$own" "$RATION_CONF"
is "$(cpus)" 8 "both gone: the machine again"
is "$(shared)" 8 "in the ledger too"

site 'default { exempt = true }'
is "$(ration sh -c 'echo "$LD_PRELOAD"')" "" "an exempt user's command carries no shim"
is "$(cpus -n 2)" 2 "but for who names a budget"
site 'default { cores = 2 }'
is "$(RATION_OFF=1 cpus)" 8 "RATION_OFF=1"
site 'default { cores = 2 locked = true }'
is "$(RATION_OFF=1 cpus)" 2 "is not heeded where the user is locked"

# Two commands of one user share three cores: their threads together, while both compute.
site 'default { cores = 3 }'
use pthread
both='import numpy, sys
a = numpy.random.rand(300, 300)
while True: a.dot(a)'
for name in one two; do
	FAKE_CPUS=8 OPENBLAS_THREAD_TIMEOUT=8 LD_PRELOAD="$probe/libfake.so" "$build/ration" env \
		LD_PRELOAD="$shim:$probe/libfake.so" "$python" -c "$both" &
	eval "$name=$!"
done
tries=0
until ctl status | grep -q ' busy 2 ' && [ "$(ctl status | grep -c ' busy ')" -ge 3 ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || break
	sleep 0.1
done
sleep 0.5
granted=$(ctl status | sed -n '1s/.* granted \([0-9]*\) .*/\1/p')
# shellcheck disable=SC2154 # set by eval
kill "$one" "$two"
wait
is "$granted" 3 "two commands of one user share his budget"
ctl reap >/dev/null

# A bad file changes nothing: the last good budget stays, and nobody hears of it unasked.
site 'default {\n corse = 6\n}'
is "$(cpus)" 3 "a bad file: the last good budget stays"
is "$(ration true 2>&1)" "" "in silence"
said="ration: not heeded: $RATION_CONF:2: no such option 'corse'; a section takes cores, exempt, \
locked, fence"
is "$(ration -v true 2>&1 | grep -c "^ration: not heeded")" 1 "with -v it gets one line"
is "$(ration -v true 2>&1 | head -n 1)" "$said" "that says what is wrong"
is "$(RATION_DEBUG=1 ration true 2>&1)" "$said" "with RATION_DEBUG=1 too"
site 'default { cores = 4 }'
is "$(cpus)" 4 "mended, it holds again"
own 'cores = many'
is "$(cpus)" 4 "a bad file of one's own"
is "$(ration -v true 2>&1 | head -n 1)" "ration: not heeded: $own:1: cores = many: write a whole \
number as 6, or a percentage as 25%" "is told as well"
rm "$own"

# refused TEXT NAME: what check says of the site's file, that its status is 1, and that
# a command runs nevertheless, with a line of -v about it.
refused()
{
	is "$(ctl check "$RATION_CONF"; echo "status $?")" "$1
status 1" "check: $2"
	is "$(ration echo fine 2>&1)" fine "a command runs: $2"
	like "$(ration -v true 2>&1)" "^ration: not heeded: $work/" "and says so with -v: $2"
}
rm "$RATION_CONF"
mkdir "$RATION_CONF"
refused "$RATION_CONF: is a directory; give a file" "a directory"
rmdir "$RATION_CONF"
mkfifo "$RATION_CONF"
refused "$RATION_CONF: is no regular file; give one" "a FIFO"
rm "$RATION_CONF"
ln -s /dev/zero "$RATION_CONF"
refused "$RATION_CONF: is no regular file; give one" "a device"
rm "$RATION_CONF"
ln -s "$RATION_CONF" "$RATION_CONF"
refused "$RATION_CONF: Too many levels of symbolic links" "a link to itself"
rm "$RATION_CONF"
truncate -s 1048577 "$RATION_CONF"
refused "$RATION_CONF: is larger than 1 MiB; is it the right file? parts of one can be brought in \
with include" "huge"
truncate -s 1048576 "$RATION_CONF"
refused "$RATION_CONF: holds a zero byte; save it as plain text" "zero bytes"
site 'default { cores = 2 }'
chmod 666 "$RATION_CONF"
if [ "$(id -u)" = 0 ]; then
	refused "$RATION_CONF: can be written by others than root; end that: chmod go-w \
$RATION_CONF" "writable by all"
	chmod 644 "$RATION_CONF"
	chown 12345 "$RATION_CONF"
	refused "$RATION_CONF: belongs to uid 12345; have root own it: chown root $RATION_CONF" \
		"another user's"
	chown 0 "$RATION_CONF"
else
	refused "$RATION_CONF: can be written by all; end that: chmod o-w $RATION_CONF" \
		"writable by all"
	# Without root a file of someone else is always root's, and that one is good.
	is "$(ctl check /dev/../etc/hostname | cut -d: -f1)" /dev/../etc/hostname "a file of root's"
fi
chmod 644 "$RATION_CONF"

# Not to be read: root can read everything, so someone else has to try.
chmod 000 "$RATION_CONF"
said="$RATION_CONF: Permission denied; let all who use ration read it: chmod a+r $RATION_CONF
status 1"
if [ "$(id -u)" = 0 ]; then
	cp "$build/rationctl" "$work"
	chmod 711 "$work"
	got=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/rationctl" check \
		"$RATION_CONF"; echo "status $?")
else
	got=$(ctl check "$RATION_CONF"; echo "status $?")
fi
is "$got" "$said" "check: unreadable"
chmod 644 "$RATION_CONF"

# A user's own file: nobody else may own it, but for root, and not all may write it; a group of the
# user's own may. Root's has to be as the site's, so as root someone else has to try.
as_user=
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$work" "$work/config"
	as_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi
own_said()
{
	[ -z "$as_user" ] || chown "${1:-65534}" "$own"
	# shellcheck disable=SC2086 # words
	$as_user "$ctl_there" check | tail -n 1
}
ctl_there=$build/rationctl
[ -z "$as_user" ] || ctl_there=$work/rationctl
own 'cores = 2'
chmod 666 "$own"
is "$(own_said)" "$own: can be written by all; end that: chmod o-w $own" \
	"check: one's own file, writable by all"
chmod 664 "$own"
is "$(own_said)" "$own: good; sections: 1, files: 1" "by one's group, it is good"
is "$(own_said 0)" "$own: good; sections: 1, files: 1" "and so it is if root owns it"
if [ "$(id -u)" = 0 ]; then
	is "$(own_said 12345)" "$own: belongs to uid 12345; it has to be root's, or that of uid \
65534" "a user's own file is another's"
	is "$(ctl check | tail -n 1)" "$own: belongs to uid 12345; have root own it: chown root \
$own" "and root's is"
fi
rm "$own"
mkfifo "$own"
is "$(ctl check | tail -n 1)" "$own: is no regular file; give one" "one's own file is a FIFO"
is "$(ration echo fine)" fine "and a command runs"
rm "$own"
mkdir "$own"
is "$(ctl check | tail -n 1)" "$own: is a directory; give a file" "or a directory"
rmdir "$own"
# Sixty-four files, and no more.
mkdir "$work/many"
i=0
while [ $i -lt 64 ]; do
	: >"$work/many/$i"
	i=$((i + 1))
	echo "include(\"many/$i\")"
done >"$RATION_CONF"
refused "$RATION_CONF:64: more than 64 files; join some of them" "too many files"
sed -i '$d' "$RATION_CONF"
is "$(ctl check "$RATION_CONF")" "$RATION_CONF: good; sections: 0, files: 64" "as many are good"

# include
site 'include("more.conf")\ndefault { cores = 2 }'
refused "$RATION_CONF:1: there is no file $work/more.conf; correct the name, or remove this \
include" "an include of nothing"
echo 'group "no-such-group" { cores = 1 }' >"$work/more.conf"
is "$(ctl check "$RATION_CONF"; echo "status $?")" "$work/more.conf:1: there is no group \
\"no-such-group\" here; correct the name, or remove the section
status 1" "check: an unknown group, in an included file"
is "$(cpus)" 2 "which limits nobody else"
printf '\nuser "no-such-user" { cores = 1 }\n' >"$work/more.conf"
is "$(ctl check "$RATION_CONF"; echo "status $?")" "$work/more.conf:2: there is no user \
\"no-such-user\" here; correct the name, or remove the section
status 1" "check: an unknown user"
printf 'default { }' >"$work/more.conf"
refused "$work/more.conf:1: a second section default; join it with that of $RATION_CONF:2" \
	"the same section in two files"
printf '# nothing\ninclude("site.conf")' >"$work/more.conf"
refused "$work/more.conf:2: $work/site.conf has been read already; remove this include" \
	"a file that includes itself, by way of another"
printf 'default { cores = 3 }' >"$work/more.conf"
site "include('more.conf') include(\"$work/config/third\")"
: >"$work/config/third"
is "$(ctl check "$RATION_CONF"; echo "status $?")" \
	"$RATION_CONF: good; sections: 1, files: 3
status 0" "check: all good"
is "$(cpus)" 3 "and in force"

# Without a name, check looks at what holds for the caller.
own 'cores = 0'
is "$(ctl check; echo "status $?")" "$RATION_CONF: good; sections: 1, files: 3
$own:1: cores = 0: nobody can run on none; write 1 or more, or exempt = true for no limit
status 1" "check without a file: the site's, and one's own"
rm "$own"
is "$(RATION_CONF='' ctl check; echo "status $?")" "$own: not there; it limits nobody
status 0" "no file at all is no fault"
is "$(ctl check "$work/none"; echo "status $?")" \
	"$work/none: there is no such file; correct the name
status 1" "unless it was named"

# The file as shipped limits nobody, and names nobody.
is "$(ctl check "$root/conf/ration.conf" | sed 's/.*: good/good/')" "good; sections: 1, files: 1" \
	"the shipped file is good"
RATION_CONF=$work/shipped
cp "$root/conf/ration.conf" "$RATION_CONF"
chmod 644 "$RATION_CONF"
is "$(cpus)" 8 "and limits nobody"
done_testing
