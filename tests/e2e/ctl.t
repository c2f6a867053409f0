#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl: what each action says of guests that are really there, where it says that values come
# from, and how it ends.
. "$(dirname "$0")/../lib.sh"

user=$(id -un)
export RATION_CONF="$work/site.conf" XDG_CONFIG_HOME="$work/config"
mkdir "$work/config"
ctl()
{
	timeout 20 "$build/rationctl" "$@"
}
site()
{
	printf '%b' "$1" >"$RATION_CONF"
}
# line WORD: what follows that word at the start of a line, without the padding.
line()
{
	sed -n "s/^$1  *//p" | tr -s ' '
}
# until_true COMMAND...: within ten seconds.
until_true()
{
	tries=0
	until eval "$*"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || return 1
		sleep 0.1
	done
}

# Every action explains itself; what is not understood is refused before anything is done.
returns 0 "--help" ctl --help
like "$(ctl --help)" '^  status +show every guest' "lists the actions"
for action in status top reap check show why slices doctor; do
	is "$(ctl $action --help | head -n 1 | cut -d" " -f-3)" "Usage: rationctl $action" \
		"$action --help"
	returns 2 "$action --nonsense" ctl $action --nonsense
	[ $action = doctor ] || returns 2 "$action with too much" ctl $action 1 2
done
is "$(ctl --version)" "rationctl $(sed -n 's/^VERSION *= *//p' "$root/Makefile")" "--version"
returns 2 "no action" ctl
returns 2 "an unknown action" ctl explode
is "$(ctl explode 2>&1)" "rationctl: no action 'explode'; try 'rationctl --help'" "says so"
is "$(ctl reap --json 2>&1)" "rationctl: reap: wrong option --json; try 'rationctl reap --help'" \
	"an option of another action is none of this"
returns 2 "--frames 0" ctl top --frames=0
returns 2 "an answer that cannot be written" sh -c '"$0" status >/dev/full' "$build/rationctl"

# Nobody there.
is "$(ctl status | head -n 1)" "user $user budget 0 granted 0 guests 0 busy 0 refused 0 \
fences 0" \
	"no ledger: an empty one"
is "$(ctl status | sed -n '2,$p')" \
	"PID      JOB      CORES  WISH TARGET SHARE STATE LOAD%   AGE_S WAITS RUNTIMES  COMMAND" \
	"the columns"
is "$(ctl status --json)" "{\"user\":\"$user\",\"uid\":$(id -u),\"ledger\":false,\"budget\":0,\
\"granted\":0,\"guests\":0,\"busy\":0,\"refused\":0,\"rows\":[],\"fences\":[]}" "as JSON"
is "$(ctl reap)" "0 dead rows cleared" "nothing to reap"
is "$(ctl top)" "$user: budget 0, granted 0 to 0 busy of 0 guests
     PID SHARE/WISH  CORES                                     STATE LOAD COMMAND" \
	"top without a terminal is plain text"

# A guest that computes, then waits, then dies.
use pthread
cat >"$work/guest.py" <<'END'
import os, signal, sys
import numpy
a = numpy.random.rand(200, 200)
go = True
def stop(*_):
    global go
    go = False
signal.signal(signal.SIGUSR1, stop)
while go:
    a.dot(a)
signal.pause()
END
OPENBLAS_NUM_THREADS=1 "$build/ration" -n 2 "$python" "$work/guest.py" &
guest=$!
state()
{
	ctl status | awk -v pid="$guest" '$1 == pid { print $7 }'
}
until_true '[ "$(ctl status | awk -v pid="$guest" "\$1 == pid { print \$6 }")" = 1 ]'
row=$(ctl status | awk -v pid="$guest" '$1 == pid { print $2, $4, $5, $6, $7, $10, $11, $12 }')
is "$row" "$guest 1 1 1 busy 0 OpenBLAS python3" \
	"status: job, wish, target, share, state, waits, runtimes, command"
is "$(ctl status | head -n 1 | cut -d' ' -f5-)" "granted 1 guests 1 busy 1 refused 0 fences 0" \
	"and the head adds up"
# On a busy machine it gets little at times: some reading has to be more than a few percent.
until_true 'ctl status | awk -v pid="$guest" "\$1 == pid && \$8 >= 10" | grep -q .'
is "$?" 0 "its load"
is "$(ctl status --json | "$debian" -c '
import json, sys
all = json.load(sys.stdin)
row, = all["rows"]
print(row["pid"], row["job"], row["wish"], row["share"], row["state"], row["command"],
      row["load_pct"] >= 0, row["age_s"] < 600, row["foreign"], all["busy"], all["ledger"],
      row["waits"], *row["runtimes"])')" \
	"$guest $guest 1 1 busy python3 True True False 1 True 0 OpenBLAS" "the same as JSON"
like "$(ctl top)" "^ *$guest     1/1     \[#+ *\] busy +[0-9]+% python3$" "top: its bar"
is "$(ctl top --frames=2 | grep -c "^ *$guest ")" 2 "as often as it was told"
is "$(ctl why "$guest" | head -n 1)" \
	"python3 ($guest) may use 1: it asks for no more, OPENBLAS_NUM_THREADS" \
	"why: the variable it was given"
is "$(ctl why "$guest" | line env | grep OPENBLAS)" "- OPENBLAS_NUM_THREADS=1" "and its value"
is "$(ctl why "$guest" | line wish)" "1 threads that it asked for at most" "its wish"
kill -USR1 "$guest"
until_true '[ "$(state)" = idle ]'
is "$(state)" idle "one that waits is idle"
is "$(ctl status | sed -n '1s/.* granted \([0-9]*\) .*/\1/p')" 0 "and holds nothing"
like "$(ctl why "$guest" | head -n 1)" "^python3 \($guest\) is idle and has lent its cores" \
	"why: it is idle"
kill -9 "$guest"
wait
is "$(state)" dead "one that was killed is dead"
is "$(ctl status | awk -v pid="$guest" '$1 == pid { print $12 }')" - "its command is not known"
is "$(ctl reap)" "1 dead row cleared" "reap clears it"
is "$(ctl reap)" "0 dead rows cleared" "once"
is "$(ctl status | sed -n '3,$p')" "" "it is gone"

# Names of commands are made by anyone: nothing of them reaches a terminal as it is.
cp "$(command -v sleep)" "$work/$(printf 'a\033[7m"\\b')"
"$work/$(printf 'a\033[7m"\\b')" 60 &
until_true '[ "$(cat /proc/'$!'/comm)" != sh ]'
is "$(ctl why $! | head -n 1)" "a?[7m\"\\b ($!) is no guest: it does not carry the shim (begun \
without ration, static, setuid, or not to be read)" "why: a stranger, whose name is tamed"
kill $!
wait

# A guest that shares: two in one job of two cores.
"$build/ration" -n 2 sh -c '"$0" "$1" & exec "$0" "$1"' "$python" "$work/guest.py" &
one=$!
until_true '[ "$(ctl status | awk "NR > 2 && \$6 >= 1" | wc -l)" = 2 ]'
like "$(ctl why "$one" | head -n 1)" \
	"^python3 \($one\) may use 1: 2 busy guests share " "why: guests share"
is "$(ctl why "$one" | line siblings)" "1 other busy guests of the same job" "how many"
other=$(ctl status | awk -v pid="$one" 'NR > 2 && $1 != pid { print $1 }')
kill -9 "$one" "$other"
wait
until_true '! kill -0 "$other" 2>&-'
is "$(ctl reap)" "2 dead rows cleared" "both reaped"

# One is in a call of a minute with all four cores: the other has been given two, and waits.
cat >"$work/long.py" <<'END'
import numpy
a = numpy.ones((200, 200))
a.dot(a)
a = numpy.ones((16000, 16000), dtype="f4")
a.dot(a)
END
field() # target, share, waits of those whose pid is not $1
{
	ctl status | awk -v not="${1-}" 'NR > 2 && $1 != not { print $5, $6, $10 }'
}
on_cpus 4 4 "$python" "$work/long.py" &
until_true '[ "$(field)" = "4 4 0" ]'
long=$(ctl status | awk 'NR > 2 { print $1 }')
# Not before: the matrix takes a while to fill.
until_true '[ "$(cat /proc/"$long"/task/*/stat | cut -d" " -f3 | grep -c R)" = 4 ]'
RATION_CORES=4 OPENBLAS_NUM_THREADS=4 on_cpus 4 4 "$python" "$work/guest.py" &
until_true '[ "$(field "$long")" = "2 1 1" ]'
other=$(ctl status | awk -v not="$long" 'NR > 2 && $1 != not { print $1 }')
is "$(field "$long")" "2 1 1" "one that waits for a core that another has not let go"
like "$(ctl top)" "^ *$other     1/4     \[#{10}\+{10}\.{20}\] busy" "and its bar"
# In this order: who is left alone and calls takes what the other had.
for pid in $other $long; do
	kill -9 "$pid"
	until_true '! kill -0 "$pid" 2>&-'
done
wait
# By pid, and pids begin anew.
is "$(field | sort -r; ctl reap)" "2 4 0
2 1 0
2 dead rows cleared" "the dead wait for nothing"
RATION_OFF=1 "$build/ration" sleep 60 &
like "$(ctl why $! | head -n 1)" "is no guest: it does not carry the shim" "why: RATION_OFF=1"
kill $!
"$build/ration" env RATION_OFF=1 sleep 60 &
until_true '[ "$(cat /proc/'$!'/comm)" = sleep ]'
is "$(ctl why $! | head -n 1)" "sleep ($!) carries the shim, and RATION_OFF=1 makes it inert" \
	"why: RATION_OFF=1 behind ration"
kill $!
"$build/ration" sleep 60 &
until_true '[ "$(cat /proc/'$!'/comm)" = sleep ]'
like "$(ctl why $! | head -n 1)" "carries the shim, but has loaded no library that is governed" \
	"why: no runtime yet"
kill $!
wait
is "$(ctl why 4194304 2>&1; echo $?)" "rationctl: there is no process 4194304
1" "why: no such process"
is "$(ctl why all 2>&1; echo $?)" "rationctl: 'all' is no process; give the number of one
2" "why: no number"

# Where the budget comes from, in each case.
origin()
{
	"$@" "$build/rationctl" show | line budget
}
from()
{
	ctl show | line "$1"
}
is "$(from machine)" "$(getconf _NPROCESSORS_ONLN) CPUs online" "show: the machine"
is "$(from site)" "- $RATION_CONF is not there" "no site file"
is "$(from own)" "- $XDG_CONFIG_HOME/ration.conf is not there" "none of one's own"
is "$(from exempt)" "false unless configured" "the other keys"
site 'default {\n cores = 1\n fence = never }'
is "$(origin env)" "1 by site" "show: default"
is "$(from site)" "1 $RATION_CONF:2, default: cores = 1" "its place"
is "$(from fence)" "never $RATION_CONF:3, default" "that of fence"
is "$(ctl why | head -n 1)" \
	"a program started here with ration may use up to 1 ($RATION_CONF:2, default: cores = 1)" \
	"why: the same in a line"
site "default { cores = 2 }\ngroup \"$(id -gn)\" { cores = 1 }"
is "$(from site)" "1 $RATION_CONF:2, group \"$(id -gn)\": cores = 1" "show: group"
site "group \"$(id -gn)\" { cores = 2 }\n\nuser \"$user\" {\n cores = 1%\n}"
is "$(from site)" "1 $RATION_CONF:4, user \"$user\": cores = 1%" "show: user"
is "$(ctl show "$user" | line site)" "1 $RATION_CONF:4, user \"$user\": cores = 1%" "by name"
is "$(ctl show "$user" | line affinity)" "- each session's own" "of whom only files are known"
site 'default { cores = 2 }'
echo 'cores = 1' >"$XDG_CONFIG_HOME/ration.conf"
is "$(origin env)" "1 by own" "show: one's own file"
is "$(from own)" "1 $XDG_CONFIG_HOME/ration.conf:1, default: cores = 1" "its place"
echo 'cores = all' >"$XDG_CONFIG_HOME/ration.conf"
is "$(from own)" "- not heeded: $XDG_CONFIG_HOME/ration.conf:1: cores = all: write a whole number \
as 6, or a percentage as 25%" "a bad one"
rm "$XDG_CONFIG_HOME/ration.conf" "$RATION_CONF"
is "$(origin env RATION_CORES=1)" "1 by variable" "show: RATION_CORES"
is "$(RATION_CORES=1 ctl show | line variable)" "1 RATION_CORES=1" "its value"
is "$(origin taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')")" "1 by affinity" \
	"show: taskset"
is "$(ctl show no-such-user 2>&1; echo $?)" "rationctl: there is no user 'no-such-user'
1" "show: no such user"
site 'default { exempt = true }'
is "$(origin env)" "- exempt: no limit, no shim" "show: exempt"
rm "$RATION_CONF"
if [ "$(getconf _NPROCESSORS_ONLN)" -gt 1 ]; then
	like "$("$build/ration" -n 1 "$build/rationctl" show | line budget)" "^1 by job" "show: -n"
	like "$("$build/ration" -n 1 "$build/rationctl" show | line machine)" \
		"^$(getconf _NPROCESSORS_ONLN) CPUs" "which does not hide the machine"
fi

# top on a terminal: redrawn until q, or a signal, and then everything is as it was.
on_terminal()
{
	script -qec "trap : INT; stty cols 60 rows 6; '$build/rationctl' top; stty -a" /dev/null
}
esc=$(printf '\033')
for key in q '\003'; do
	# shellcheck disable=SC2059 # it is a format
	# The terminal is there for a while yet: at its end, script ends what is on it.
	shown=$( (sleep 1; printf "$key"; sleep 2) | on_terminal)
	like "$shown" "$esc\[H$user: budget [0-9]+, granted 0 to 0 busy of 0 guests; q quits" \
		"top on a terminal, until $key"
	like "$shown" "$esc\[\?25h$esc\[\?1049l" "the screen and the cursor are put back"
	like "$shown" "(^|[ ;])icanon" "and the terminal's mode"
done
like "$(printf '%s' "$shown" | tr -d '\n' | grep -o "$esc\[H" | wc -l)" '[2-9]' "it was redrawn"

# Another user's ledger, which its key keeps from all but root.
if [ "$(id -u)" = 0 ]; then
	chmod 711 "$work"
	cp "$build/ration" "$build/libration.so" "$probe/forget" "$work"
	site 'default { cores = 1 }'
	as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	export RATION_CONF="$work/nobody.conf"
	printf 'default { cores = 1 }' >"$RATION_CONF"
	$as_nobody "$work/ration" true
	like "$(ctl status --user=nobody | head -n 1)" "^user nobody budget 1 granted 0 guests 0 " \
		"root sees another user's ledger"
	is "$(ctl reap --user=nobody)" "0 dead rows cleared" "and can reap it"
	is "$(ctl show nobody | line ledger)" "1 shared by the user's guests now" "and show it"
	like "$(ctl top --user=nobody | head -n 1)" "^nobody: budget 1, " "and watch it"
	$as_nobody "$work/forget" "$_RATION_LEDGER"
else
	is "$(ctl status --user=root 2>&1; echo $?)" "rationctl: the ledger of 'root' can be \
opened by that user and by root
2" "only root sees another user's ledger"
	is "$(ctl why 1 2>&1; echo $?)" "rationctl: process 1 is another user's; that user and \
root can ask
2" "nor why another user's program does what it does"
fi
is "$(ctl status --user=no-such-user 2>&1; echo $?)" "rationctl: there is no user 'no-such-user'
1" "nobody sees what is not"
# doctor: what was loaded, and by whom it is governed.
use wheel
like "$("$build/rationctl" doctor -- "$python" -c 'import numpy, time; time.sleep(0.3)')" \
	'^OpenBLAS +every call, and inside +/.*openblas' "doctor: OpenBLAS"
like "$("$build/rationctl" doctor "$probe/static" 0.3)" '.' "doctor: a program without"
returns 1 "doctor: a command that failed" "$build/rationctl" doctor false
returns 2 "doctor: none" "$build/rationctl" doctor
done_testing
