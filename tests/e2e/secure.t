#!/bin/sh
# SPDX-License-Identifier: MIT
# In a program with more rights than its caller the shim is inert: the settings are not its own.
. "$(dirname "$0")/../lib.sh"

# The loader drops a preload from a setuid program, but for one that root has installed to be kept.
# So: one whose kernel says it is such a program, and a true one that is linked with the shim.
is "$(on_cpus 6 1 nproc)" 1 "an ordinary program has one CPU of six"
secure="env LD_PRELOAD=$shim:$probe/libsecure.so:$probe/libfake.so"
# shellcheck disable=SC2086 # the words of a command
is "$(on_cpus 6 1 $secure nproc)" 6 "one with AT_SECURE has them all"
# shellcheck disable=SC2086
is "$(on_cpus 6 1 $secure env RATION_DEBUG=1 OPENBLAS_NUM_THREADS=5 "$wheels" -c '
import numpy, os
print(len(os.listdir("/proc/self/task")))' 2>&1)" 5 "its BLAS what it asked for; the shim is silent"

case $(id -u),$(findmnt -no OPTIONS -T "$work") in
0,*nosuid*)	why="$work is mounted nosuid" ;;
0,*)		why= ;;
*)		why="only root can make a program setuid to another" ;;
esac
if [ -n "$why" ]; then
	verdict 0 "a setuid program # SKIP $why"
else
	chmod 711 "$work"
	cp "$shim" "$work"
	cc -o "$work/guest" "$root/tests/probe/cpus.c" -I"$root" -pthread \
		-Wl,--no-as-needed "$work/libration.so" -Wl,-rpath,"$work"
	cp "$work/guest" "$work/setuid"
	chmod u+s "$work/setuid"
	nobody="setpriv --reuid=65534 --regid=65534 --clear-groups env _RATION_JOB=1:1:-1"
	# shellcheck disable=SC2086
	like "$($nobody "$work/guest")" '^itself: online 1, nprocs 1, affinity 1, ' \
		"an ordinary program, linked with the shim"
	# shellcheck disable=SC2086
	is "$($nobody "$work/setuid")" "$("$probe/cpus")" "the same, setuid: what the machine has"
fi
done_testing
