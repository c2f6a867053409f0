#!/bin/sh
# SPDX-License-Identifier: MIT
# What others make costs no watcher more than its part of a CPU, nor a fence more than a moment:
# orphans and segments. By CPU clocks, which do not go on while others compute. That a command of
# thousands of threads is held in time is tests/unit/glance.c's.
. "$(dirname "$0")/lib.sh"

# used_ms PID...: on a CPU, together.
used_ms()
{
	for used in "$@"; do
		cat "/proc/$used/schedstat" 2>/dev/null
	done | awk '{ sum += $1 } END { printf "%d\n", sum / 1e6 }'
}

# Orphans of one user's; watchers of another's and of root's.
for user in bob root; do
	as $user ration -n 1 sleep 60 &
done
as ill "$debian" -c '
import os, time
if os.fork() == 0:
    os.setsid()
    for i in range(2000):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    os._exit(0)
os.wait()'
for _ in $(seq 100); do
	[ "$(pgrep -u 4001 -c .)" -ge 2000 ] && [ "$(pgrep -x -c ration)" = 2 ] && break
	sleep 0.1
done
is "$(pgrep -x -c ration)" 2 "two watchers"
at_most "$(pgrep -u 4001 -c .)" 2001 "beside 2000 orphans"
sleep 1.5
# shellcheck disable=SC2046 # a number each
before=$(used_ms $(pgrep -x ration)) begun=$(sed 's/ .*//;s/[.]//' /proc/uptime)
sleep 3
# shellcheck disable=SC2046 # a number each
after=$(used_ms $(pgrep -x ration)) ended=$(sed 's/ .*//;s/[.]//' /proc/uptime)
elapsed=$((10 * (ended - begun)))
echo "# two watchers: $((after - before)) ms of $elapsed" >&2
at_most $((after - before)) $((elapsed * 2 / 100)) "each watcher uses at most 1 % of a CPU"
# shellcheck disable=SC2046 # a number each
kill $(pgrep -x sleep) $(pgrep -u 4001 .)
wait

as ill foul-segment fill >/dev/null
spent=$(as bob "$debian" -c '
import resource, subprocess
subprocess.run(["ration", "-n", "1", "--fence=always", "true"])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(int((used.ru_utime + used.ru_stime) * 1000))')
at_most "$spent" 100 "a fence beside all the segments there can be, ms of CPU"
done_testing
