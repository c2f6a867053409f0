#!/bin/sh
# SPDX-License-Identifier: MIT
# The fence: programs that no preload can steer stay on their cores, by CPU time over wall time,
# which load from elsewhere can only lower; and nothing inside its cores is ever touched.
. "$(dirname "$0")/../lib.sh"
. "$root/tests/fence-lib.sh"

base=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
at_least "$(nproc)" 2 "two CPUs, of which one is granted below"

cat >"$work/pool.py" <<'END'
import multiprocessing, sys, time
multiprocessing.set_start_method("fork")  # the default before Python 3.14
def spin(end):
    while time.monotonic() < end:
        sum(range(1000))
if __name__ == "__main__":
    n, s = int(sys.argv[1]), float(sys.argv[2])
    with multiprocessing.Pool(n) as pool:
        pool.map(spin, [time.monotonic() + s] * n, chunksize=1)
END
# What the kernel lets the shell use that runs this.
may="sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status"

stays "static, eight processes" "$probe/spin" 8 4
stays "Pool(8) of plain Python" "$debian" "$work/pool.py" 8 4

# Work of a given size, at least four seconds of it on one CPU.
for unit in $(seq 16); do
	echo "#include <math.h> /* $unit */"
	for f in $(seq 400); do
		echo "double f$f(double x) { double y = x; for (int i = 0; i < 9; i++)" \
			"y = y * sin(x + $f * i) + cos(y) / (1 + x * x); return y; }"
	done
done >"$work/unit.c"
mkdir "$work/c"
awk -v dir="$work/c" '/math.h/ { n++; file = dir "/u" n ".c" } { print > file }' "$work/unit.c"
printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\n%%.o: %%.c\n\tcc -O2 -c -o $@ $<\n' \
	>"$work/c/Makefile"
at_most "$(cpus ration -n 1 make -s -C "$work/c" -j8)" 1.05 "make -j8"
rm "$work"/c/*.o
at_most "$(cpus ration -n 1 sh -c 'make -s -C "$0" -j8' "$work/c")" 1.05 "make -j8, from a shell"
head -c 24000000 /dev/urandom | od -An -tx1 | head -c 40000000 >"$work/text"
at_most "$(cpus ration -n 1 xz -k -c -T8 --block-size=2000000 "$work/text")" 1.05 "xz -T8"
rm "$work/text"

# What is begun inside, in the background, by one who is gone at once.
at_most "$(cpus ration -n 1 sh -c '"$1" "$2" "$3" "$4" & exec sleep 4.5' sh \
	setsid "$probe/spin" 8 4)" 1.05 "in the background"
cp "$probe/spin" "$work/spin$$" # a name that nobody else has
orphans_fenced()
{
	pgrep -x "spin$$" | while read -r pid; do
		sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$pid/status" 2>/dev/null
	done | grep -cv '[-,]'
}
ration -n 1 sh -c '"$0" 8 4 >"$1" & ' "$work/spin$$" "$work/orphans"
for _ in $(seq 35); do [ "$(orphans_fenced)" = 9 ] && break; sleep 0.1; done
is "$(orphans_fenced)" 9 "what has lost its parent at once is found"
while ! grep -q fenced "$work/orphans"; do sleep 0.1; done
like "$(cat "$work/orphans")" "^8 fenced" "all of it"

# What stays inside its cores is never touched: it says so itself, and the report too.
for run in "1 2" "2 2 30" "4 2 5"; do
	# shellcheck disable=SC2086 # words
	is "$(ration -n 1 "$probe/spin" $run)" "0 fenced" "spin $run: not touched"
done
ration -n 1 --report="$work/report" "$debian" "$work/pool.py" 1 2
like "$(cat "$work/report")" "^  fence            not needed$" "Pool(1): not needed"
ration -n 1 --report="$work/report" sh -c 'for i in $(seq 300); do /bin/true; done'
like "$(cat "$work/report")" "^  fence            not needed$" "one after the other: not needed"
cores=$(nproc)
is "$(ration -n "$cores" "$probe/spin" 8 1)" "0 fenced" "a budget of the whole machine: none"
is "$(ration -n 1 --fence=never "$probe/spin" 8 1)" "0 fenced" "--fence=never"

# Raised, lifted, and always.
ration -n 1 --report="$work/report" sh -c '"$0" 8 1; sleep 3; "$0" 1 1; eval "$1"' \
	"$probe/spin" "$may" >"$work/out"
like "$(cat "$work/report")" "^  fence            1 time, first after [0-9.]* s, [0-9.]* s in all, \
on CPU [0-9]*: (it used more CPU|more threads wanted a CPU)$" "-v says when, for how long, and why"
is "$(sed -n 3p "$work/out")" "$base" "and when the excess is gone it is lifted"
is "$(sed -n 1,2p "$work/out")" "8 fenced
0 fenced" "it was raised for those who exceeded, and not for the one who came later"
one=$(ration -n 1 --fence=always sh -c "$may")
like "$one" '^[0-9]+$' "--fence=always: from the start"
is "$(ration -n 1 --fence=always "$debian" -c 'import os; print(len(os.sched_getaffinity(0)))')" 1 \
	"and so the program sees it"
last=$(echo "$base" | sed 's/.*[-,]//')
like "$(ration -n 1 --fence=always taskset -c "$last" sh -c "$may")" '^[0-9]+$' \
	"inside, one that is bound stays inside"

# What was bound before is not widened: neither by the fence nor when it is lifted.
cat >"$work/bound.sh" <<'END'
taskset -c "$2" sh -c 'sleep 6 & wait' &
bound=$!
"$1" 8 1.5
for when in fenced lifted; do
	for pid in $bound $(pgrep -P $bound); do
		sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$pid/status"
	done
	sleep 3
done
wait
END
# Three seconds later the fence has been lifted, and both are where they were.
is "$(ration -n 1 sh "$work/bound.sh" "$probe/spin" "$last" | tail -n 2)" "$last
$last" "bound before the fence, bound after it"

# An inner ration has a fence of its own, inside that of the outer one.
is "$(until_says "8 fenced" ration -n "$cores" sh -c '"$0" -n 1 "$1" 8 1.5' "$build/ration" \
	"$probe/spin")" "8 fenced" \
	"inside another ration"
is "$(ration -n 1 --fence=never "$build/ration" "$probe/spin" 8 1)" "0 fenced" \
	"which hands down what it was told"

# two PLACES COMMAND...: it, twice at a time; on how many CPUs both fences stand, when they are
# raised. Two that choose at the same moment may meet, and part at one of their next looks.
two()
{
	places=$1
	shift
	"$@" "$probe/spin" 8 20 >/dev/null &
	one=$!
	"$@" "$probe/spin" 8 20 >/dev/null &
	for _ in $(seq 180); do
		sleep 0.1
		cpus=$("$build/rationctl" status --json | grep -o '"cpus":"[0-9,-]*"')
		[ "$(echo "$cpus" | grep -c cpus)" = 2 ] &&
			[ "$(echo "$cpus" | sort -u | wc -l)" = "$places" ] && break
	done
	echo "$cpus" | sort -u | wc -l
	kill $one $!
	wait
}
is "$(two 2 ration -n 1)" 2 "two commands with a core each: each on a CPU of its own"
printf 'default { cores = 1 }' >"$work/conf"
is "$(RATION_CONF=$work/conf two 1 ration)" 1 \
	"two that share the one core of their user: on the same"
is "$(ration -n 1 --fence=always sh -c '"$0" why $$' "$build/rationctl" |
	sed -n 's/^fence  *1  *CPU [0-9]*, around process [0-9]* and what it started: //p')" \
	"as asked for" "rationctl why tells of it"

# It ends with the command, and leaves nothing.
watchers()
{
	pgrep -f "^$build/ration -n 1 sleep 1.0$$\$" | wc -l
}
ration -n 1 sleep "1.0$$" &
sleep 0.5
is "$(watchers)" 1 "one watches"
wait
for _ in $(seq 50); do [ "$(watchers)" = 0 ] && break; sleep 0.1; done
is "$(watchers)" 0 "and is gone with the command"
is "$(echo | ration -n 1 sh -c 'cat >/dev/null; echo done' | cat)" "done" "nor holds a pipe open"

for word in sometimes "" AUTO; do
	is "$(ration --fence="$word" true 2>&1; echo $?)" "ration: --fence=$word: write auto, \
always, never or quota
125" "--fence=$word: refused"
done
printf 'default { fence = never\ncores = 1 }' >"$work/conf"
is "$(RATION_CONF=$work/conf ration "$probe/spin" 4 1)" "0 fenced" "fence = never in the file"
printf 'default { fence = auto\ncores = 1\nlocked = true }' >"$work/conf"
is "$(RATION_CONF=$work/conf until_says "4 fenced" ration --fence=never "$probe/spin" 4 1.5)" \
	"4 fenced" \
	"who is locked cannot have less"
done_testing
