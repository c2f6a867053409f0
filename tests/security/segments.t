#!/bin/sh
# SPDX-License-Identifier: MIT
# All the shared memory segments that the machine can have are another's, so nobody has a ledger or
# a table of fences. The bound holds all the same: by the fence, by one thread in each forked
# worker, and for who is locked by the site's table, which is a file.
. "$(dirname "$0")/lib.sh"

cpus=$(allowed self)
[ "$cpus" != "${cpus#*[-,]}" ] || echo "Bail out! this needs two CPUs"
is "$(as ill foul-segment fill)" "$(cat /proc/sys/kernel/shmmni)" "no segment is left for anybody"

# fenced USER OPTION...: on how many CPUs each of eight busy threads is in the end.
fenced()
{
	who=$1
	shift
	as "$who" ration "$@" spin 8 4 >/dev/null &
	confined=
	for _ in $(seq 38); do
		sleep 0.1
		for pid in $(pgrep -x spin); do
			now=$(allowed "$pid" 2>/dev/null)
			[ -z "$now" ] || [ "$now" = "$cpus" ] || confined=$now
		done
		[ "$confined" ] && break
	done
	# shellcheck disable=SC2046 # a number each
	kill $(pgrep -x spin)
	wait
	is "$(echo "$confined" | grep -c '^[0-9][0-9]*$')" 1 "a fence of one CPU: $who's ration $*"
}
fenced bob -n 1
fenced bob -n 1 --fence=always
fenced root -n 1

# Who is forked cannot know how many others there are. What ran is what used a CPU.
cat >"$work/workers.py" <<'END'
import os
import numpy
def ran():
    tasks = sorted(os.listdir("/proc/self/task"))
    used = [int(open("/proc/self/task/%s/schedstat" % task).read().split()[0]) for task in tasks]
    return sum(ns > 0.25 * max(used) for ns in used)
a = numpy.random.rand(900, 900)
numpy.dot(a, a)
for i in range(3):
    if os.fork() == 0:
        for j in range(4):
            numpy.dot(a, a)
        print(ran(), flush=True)
        os._exit(0)
    os.wait()
END
is "$(as bob env OPENBLAS_THREAD_TIMEOUT=8 ration -n 2 --fence=never "$debian" "$work/workers.py" |
	tr '\n' ' ')" "1 1 1 " "forked workers: one thread each"
like "$(as bob ration -n 2 -v true 2>&1)" 'not known: no shared memory for the ledger' "-v says so"

site 'default {
	cores = 1
	locked = true
}
user "root" { exempt = true }'
ctl apply >/dev/null
for variable in X=1 RATION_OFF=1 RATION_CONF=; do
	is "$(as bob env LD_PRELOAD="$bin/libration.so" "$variable" nproc)" 1 \
		"a locked user, without ration, $variable"
done
is "$(as bob ration nproc)" 1 "and with it"
is "$(as root env LD_PRELOAD="$bin/libration.so" nproc)" "$(getconf _NPROCESSORS_ONLN)" "root"
done_testing
