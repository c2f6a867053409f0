#!/bin/sh
# SPDX-License-Identifier: MIT
# The site's table: what enable makes it of, who is told what follows, and what no user can do to
# it, or by it.
. "$(dirname "$0")/lib.sh"

# The configuration is looked at first, whatever is to be enabled.
printf 'default { cores = 1\n' >"$site/etc/ration.conf"
for way in --preload --login; do
	is "$(ctl enable $way)" "rationctl: nothing has been changed: /etc/ration.conf:1: a '{' \
that is never closed; write '}' after the section" "a faulty configuration: $way"
done
is "$(cd "$site/etc" && ls -d ld.so.preload ration.table profile.d/ration.sh 2>/dev/null)" "" \
	"nothing is enabled"
rm "$site/etc/ration.conf"
umask 077
like "$(ctl enable --login; ctl enable --preload)" \
	"^/etc/ration.conf is not there: it limits nobody$" "without a configuration"
umask 022
is "$(cd "$site/etc" && stat -c '%n %a %u %g' ration.table ld.so.preload profile.d/ration.sh)" \
	"ration.table 644 0 0
ld.so.preload 644 0 0
profile.d/ration.sh 644 0 0" "what is written is root's, for all to read, whatever the umask"

# What follows, and for whom.
echo 'default { cores = 1 }' >"$site/etc/ration.conf"
is "$(ctl enable --preload | tail -n +2)" "everyone: 1 core
root too; to leave it out: user \"root\" { exempt = true }
after a change of /etc/ration.conf: rationctl apply" "what follows is told"
chmod 600 "$site/etc/ration.conf"
is "$(ctl enable --preload | grep alone)" "/etc/ration.conf or what it includes can be read by \
root alone; all go by /etc/ration.table, which all can read" "one that root alone can read is named"
is "$(within su ann -c nproc; within su ann -c 'ration nproc')" "1
1" "and limits users all the same"
rm "$site/etc/ration.table"
is "$(within rationctl check | head -n 1; within su ann -c nproc)" "/etc/ration.conf: it, or \
what it includes, can be read by root alone, so it limits nobody else: chmod a+r, or rationctl apply
$(nproc)" "without a table it does not, which check says"
rm "$site/etc/ration.conf"

# The user's own file.
within su ann -c 'mkdir -p ~/.config && echo "cores = 1" >~/.config/ration.conf'
is "$(within su - ann -c nproc)" 1 "a login tells what the user's own file says"
within su ann -c 'rm ~/.config/ration.conf'
is "$(within su - ann -c nproc)" "$(nproc)" "and that it is gone"

# A lock that root alone can take: whatever others hold, both ways stay open.
ctl disable >/dev/null
within su ann -c 'for held in /etc /run /run/ration.lock; do flock -F -s $held sleep 60 & done
	sleep 1' >/dev/null
like "$(ctl enable --preload)" "in force for all programs" "with locks of a user's"
is "$(ctl disable | tail -n 1)" "programs that run keep it until they end" "and out again"
is "$(stat -c '%a %u' "$site/run/ration.lock")" "600 0" "the lock is root's alone"
pkill -u "$(within id -u ann)" sleep
flock -F "$site/run/ration.lock" sleep 100 &
holder=$!
sleep 1
is "$(ctl enable --preload)" "rationctl: another rationctl is at it; wait for it to end" \
	"one at a time"
within rationctl apply >"$work/applied" &
applier=$!
sleep 0.3
kill $holder
wait $applier
like "$(cat "$work/applied")" "^/etc/ration.table is made of" "but apply waits for its turn"
ctl disable >/dev/null

# A tree of a user's that a program of root's enters: nothing in it is run, or believed.
echo 'default { cores = 1 }
user "root" { exempt = true }' >"$site/etc/ration.conf"
ctl enable --preload >/dev/null
within su ann -c 'mkdir -p ~/jail/etc ~/jail/usr/local/lib/ration ~/jail/usr/local/bin
	for at in lib/ration/ration bin/ration; do
		printf "#!/bin/sh\nid >/owned\n" >~/jail/usr/local/$at
		chmod 755 ~/jail/usr/local/$at
	done
	cp /etc/ration.table ~/jail/etc' >/dev/null
# entered USER: CPUs in there.
entered()
{
	within python3 -c '
import os, sys
os.chroot(sys.argv[2])
os.chdir("/")
os.setuid(int(sys.argv[1]))
print(os.sysconf("SC_NPROCESSORS_ONLN"), os.listdir("/"))' "$1" "$(within sh -c 'echo ~ann')/jail" |
		tr -d "[],'" | xargs -n 1 | sort | xargs
}
is "$(entered 0)" "$(nproc) etc usr" "a program of root's, in a tree of a user's"
is "$(entered "$(within id -u ann)")" "$(nproc) etc usr" "and a table of the user's is none"
cp "$site/etc/ration.table" "$site/home/ann/jail/etc"
chown 0 "$site/home/ann/jail/etc/ration.table"
is "$(entered "$(within id -u ann)")" "1 etc usr" "but one of root's is"
chown 65534 "$site/home/ann/jail/etc/ration.table"
is "$(entered "$(within id -u ann)")" "$(nproc) etc usr" "that of nobody is none"
rm "$site/home/ann/jail/etc/ration.table"
mkfifo "$site/home/ann/jail/etc/ration.table"
is "$(entered "$(within id -u ann)")" "$(nproc) etc usr" "nor is what never answers"

# A damaged one is none, and the next one is whole again; running programs have mapped it.
head -c 5000 /dev/zero >"$work/zeros"
cp "$site/etc/ration.table" "$work/table"
dd if="$work/zeros" of="$site/etc/ration.table" conv=notrunc 2>/dev/null
is "$(within su ann -c nproc)" "$(nproc)" "a damaged table is none"
like "$(within rationctl check)" "^/etc/ration.table: not heeded, as it is damaged" "as check says"
like "$(within rationctl apply)" "^/etc/ration.table is made of /etc/ration.conf" "applied"
is "$(within su ann -c nproc)" 1 "it is whole again"
chmod 666 "$site/etc/ration.table"
is "$(within su ann -c nproc)" "$(nproc)" "one that others can write is none"
like "$(within rationctl check)" "^/etc/ration.table: not heeded" "which check says as well"
like "$(within rationctl apply)" "^/etc/ration.table is made of" "applied"
is "$(within su ann -c nproc; stat -c %a "$site/etc/ration.table")" "1
644" "it is root's own again"

# A user that is gone keeps the id, until the section goes.
user bob
echo 'user "bob" { cores = 1 }' >"$site/etc/ration.conf"
within rationctl apply >/dev/null
bob=$(within id -u bob)
within userdel bob >/dev/null
is "$(within rationctl apply | head -n 1)" "rationctl: /etc/ration.conf:1: there is no user \
\"bob\" now; the id that it had stays" "a user that the directory does not know now"
is "$(within setpriv --reuid="$bob" --regid="$bob" --clear-groups nproc)" 1 "keeps the budget"
is "$(within su ann -c 'rationctl apply')" "rationctl: root alone can change what all users run; \
try it with sudo, or with --own for your own file" "apply is root's"
is "$(within su ann -c 'HOME=/nonexistent rationctl apply --own')" "the own file says nothing" \
	"but for one's own file"
ctl disable >/dev/null
is "$(ls "$site"/etc/ration.* "$loads" "$site/etc/profile.d")" "$site/etc/ration.conf

$site/etc/profile.d:" "disabled, nothing is left but the configuration"
done_testing
