#!/bin/sh
# SPDX-License-Identifier: MIT
# What is not ours is not touched: no affinity of it is changed, and no signal reaches it.
. "$(dirname "$0")/lib.sh"

cpus=$(allowed self)
[ "$cpus" != "${cpus#*[-,]}" ] || echo "Bail out! this needs two CPUs"
case $(findmnt -no OPTIONS -T "$work") in
*nosuid*)	mount -t tmpfs -o mode=755 tmpfs "$work/home/bob" ;;
esac

# Setuid to root, begun by another user with the mark of root's command: it becomes a child of init,
# as what root's command left behind would.
setuid=$work/home/bob/setuid
cp "$probe/spin" "$setuid"
chown 0:0 "$setuid"
chmod 4755 "$setuid"
as root ration -n 1 --fence=always sleep 12 &
for _ in $(seq 100); do
	pid=$(pgrep -x sleep) && [ "$(allowed "$pid")" != "$cpus" ] && break
	sleep 0.05
done
mark=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^_RATION_FENCE=//p')
like "$mark" '^3:' "root's command has a fence, and a mark"
as ill env _RATION_FENCE="$mark" sh -c "'$setuid' 1 30 >/dev/null & sleep 0.2"
as root env _RATION_FENCE="$mark" sh -c 'spin 1 30 >/dev/null & sleep 0.2'
stranger=$(pgrep -x setuid | head -n 1)
own=$(pgrep -x spin | head -n 1)
for _ in $(seq 100); do
	[ "$(allowed "$own")" != "$cpus" ] && break
	sleep 0.1
done
[ "$(allowed "$own")" != "$cpus" ]
verdict $? "an orphan of root's is taken in"
is "$(sed -n 's/^Uid:\t//p' "/proc/$stranger/status" | tr '\t' ' ')" "4001 0 0 0" \
	"the stranger is setuid"
is "$(allowed "$stranger")" "$cpus" "and left alone"
kill -9 "$own"
wait 2>/dev/null
for _ in $(seq 100); do
	pgrep -x ration >/dev/null || break
	sleep 0.1
done
is "$(pgrep -x ration)" "" "no watcher outlives root's command for it"
kill -9 "$stranger"

# A witness that has ended has no number any more: whoever has it now gets no signal.
as root ration -v sh -c 'sleep 4; :' >/dev/null 2>&1 &
for _ in $(seq 100); do
	reporter=$(pgrep -x -o ration) && witness=$(pgrep -x -P "$reporter" ration) && break
	sleep 0.05
done
kill -9 "$witness"
for _ in $(seq 100); do
	[ -d "/proc/$witness" ] || break
	sleep 0.05
done
# By name, where the kernel lets a number be chosen (CONFIG_CHECKPOINT_RESTORE).
cat >"$work/again.py" <<'END'
import os, sys, time
number = int(sys.argv[1])
for _ in range(2000):
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(number - 1))
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    if child == number:
        print("here", flush=True)
        status = os.waitpid(child, 0)[1]
        print("signal", status & 127)
        break
    os.kill(child, 9)
    os.waitpid(child, 0)
END
"$debian" "$work/again.py" "$witness" >"$work/again" 2>&1 &
for _ in $(seq 100); do
	grep -q here "$work/again" && break
	sleep 0.05
done
is "$(cat "$work/again")" "here" "a stranger has the number of a witness that ended"
while [ -d "/proc/$reporter" ]; do
	sleep 0.1
done
is "$(cat "$work/again")" "here" "and lives on when the report is done"
kill -9 "$witness"
done_testing
