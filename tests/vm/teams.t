#!/bin/sh
# SPDX-License-Identifier: MIT
# OpenMP teams that may not shrink (ration(7), OpenMP), so that more threads run than
# there are cores in the budget: then the kernel holds their CPU time to it, on sixteen CPUs.
. "$(dirname "$0")/lib.sh"
mkdir "$work/llvm"
ln -s "$build/libomp.so.5" "$work/llvm/libgomp.so.1"
chmod 755 "$work" "$work/llvm"

# Who begins late finds that the others have told themselves their numbers.
cat >"$work/late.sh" <<'END'
for one in 1 2 3 4; do
	"$1" 1 25 &
	sleep 0.7
done
wait
END

# used: "CPU-seconds SECONDS" of the programs, so far.
used()
{
	# shellcheck disable=SC2046 # a word each
	awk -v tick="$(getconf CLK_TCK)" 'FILENAME == "/proc/uptime" { now = $1; next }
		{ used += ($14 + $15) / tick } END { print used, now }' \
		$(pgrep -x crews | sed 's,.*,/proc/&/stat,') /proc/uptime
}
# within NAME COMMAND...: on four CPUs, from when the watcher has seen it. That takes seconds here,
# where it waits for one of two real CPUs beside sixteen threads.
within()
{
	name=$1
	shift
	systemd-run -q --wait --unit=teams --uid=ann -E LD_LIBRARY_PATH="$work/$runtime" \
		-p "StandardOutput=truncate:$work/out" "$build/ration" -n 4 "$@" &
	sleep 5
	first=$(used)
	sleep 15
	cpus=$(echo "$first $(used)" | awk '{ printf "%.2f", ($3 - $1) / ($4 - $2) }')
	at_most "$cpus" 4.2 "$runtime: $name"
	at_least "$cpus" 3 "$runtime: and it does compute"
	wait
	saw "$runtime: $name" "$cpus CPUs, teams of at most $(tr '\n' ' ' <"$work/out")"
}
for runtime in gcc llvm; do
	within "four threads, each with a team" "$probe/crews" 4 25
	within "that have asked how many they are" "$probe/crews" 4 25 asks
	within "programs begun one after another" sh "$work/late.sh" "$probe/crews"
done
done_testing
