#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that carry the shim and that no ration began, as on a site that has it in all of them:
# their user's budget, and how they come by it.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/table-lib.sh
. "$root/tests/table-lib.sh"

user=$(id -un)
ledger()
{
	"$build/rationctl" status | sed -n '1s/.* budget \([0-9]*\) .*/\1/p'
}

is "$(guest nproc)" 8 "without a table: the whole machine"
site 'default { cores = 3 }'
is "$(guest nproc)" 3 "the budget is the user's"
is "$(guest "$wheels" -c 'import numpy'; ledger)" 3 "and the ledger's, of who has a runtime"
is "$(guest env RATION_CORES=2 nproc)" 2 "RATION_CORES can be less"
is "$(guest env RATION_CORES=5 nproc)" 3 "but not more"
is "$(guest "$debian" -c 'import os; print(os.cpu_count(), len(os.sched_getaffinity(0)))')" "3 3" \
	"in Python too"
is "$(guest env RATION_CONF=/nonexistent nproc)" 3 "RATION_CONF is for ration alone"
site 'default { cores = 25% }'
is "$(guest nproc)" 2 "a change holds for the next program; a percentage is of the CPUs seen"
site "default { cores = 3 }\nuser \"$user\" { cores = 5 }"
is "$(guest nproc)" 5 "one's own section goes before default"
site "default { cores = 3 }\ngroup \"$(id -gn)\" { cores = 6 }"
is "$(guest nproc)" 6 "and so does one's group's"
if [ "$(id -u)" = 0 ]; then
	many=$(seq -s , 5000 5100)
	is "$(guest setpriv --groups "$many,$(id -g)" nproc)" 6 "of a hundred others, too"
fi
site "default { cores = 3 }\nuser \"$user\" { cores = 5 }"
own 'cores = 4'
is "$(guest nproc)" 4 "one's own file can lower"
own 'cores = 50%'
is "$(guest nproc)" 4 "by a percentage, too"
own 'cores = 7'
is "$(guest nproc)" 5 "and not raise"
own 'cores = 4'
own 'garbage'
is "$(guest nproc)" 4 "garbage in it changes nothing"
site 'default { cores = 2 }'
is "$(guest nproc)" 2 "nor does it keep a lower budget of the site away"
is "$(guest "$build/ration" env LD_PRELOAD="$shim:$probe/libfake.so" nproc)" 2 "from ration neither"
site "user \"$user\" { cores = 5 }"
own
is "$(guest nproc)" 5 "and the own file is missed when it is gone"
is "$(FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" ration -n 2 env \
	LD_PRELOAD="$shim:$probe/libfake.so" nproc)" 2 "ration -n still says less"
is "$(guest env RATION_CORES=3 "$build/ration" -n 4 nproc)" 4 \
	"ration itself, with the shim in it, is not led astray by RATION_CORES"

# Exempt, off, or without a budget: as if we were not there.
bare=$(FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" "$probe/cpus")
for text in 'default { exempt = true cores = 2 }' 'default { }' ''; do
	site "$text"
	is "$(guest "$probe/cpus")" "$bare" "'$text': the whole machine"
done
is "$(guest env OPENBLAS_NUM_THREADS=7 "$wheels" -c '
import numpy, os
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))')" "7 7" \
	"its BLAS has the threads it asked for"
is "$(guest env OPENBLAS_NUM_THREADS=7 "$wheels" -c '
import numpy
print([line for line in open("/proc/self/maps") if "SYSV" in line])')" "[]" \
	"and it keeps no shared memory"
is "$(guest env RATION_CORES=2 nproc)" 2 "but who names a number has it"
site 'default { cores = 2 }'
is "$(guest env RATION_OFF=1 nproc)" 8 "RATION_OFF=1"
site 'default { cores = 2 locked = true }'
[ "$(id -u)" != 0 ] || is "$(guest env RATION_OFF=1 nproc)" 8 "is always root's way out"
# Someone else, where root tests; with copies, as the build may be in a folder of root's.
cp "$shim" "$probe/libfake.so" "$build/rationctl" "$work"
chmod 711 "$work"
someone=
[ "$(id -u)" != 0 ] || someone="setpriv --reuid=4001 --regid=4001 --clear-groups"
# as_someone COMMAND...: a guest of that user.
as_someone()
{
	# shellcheck disable=SC2086 # words
	FAKE_CPUS=8 timeout 60 $someone env LD_PRELOAD="$work/libration.so:$work/libfake.so" \
		"$@" 2>&1
}
for words in RATION_OFF=1 'RATION_OFF=1 _RATION_JOB=0' 'RATION_OFF=1 _RATION_JOB=1:64:-1' \
	_RATION_JOB=1:64:-1 RATION_CORES=8 RATION_CONF= _RATION_TABLE=/nonexistent/x; do
	# shellcheck disable=SC2086 # words
	case $words in
	*TABLE*) wanted=8 ;; # where the site has a table, this one is not looked at
	*) wanted=2 ;;
	esac
	# shellcheck disable=SC2086 # words
	is "$(as_someone env $words nproc)" $wanted "a locked user: $words"
done
# In a namespace where root is nobody, the default holds, for whoever one is there.
site 'default { cores = 2 exempt = true }\nuser "nobody" { cores = 7 }\nuser "root" { cores = 6 }'
is "$(guest unshare -U nproc)" 2 "in a user namespace: the default, and nobody is exempt"
chmod 666 "$_RATION_TABLE"
is "$(guest nproc)" 8 "a table that others can write is none"
chmod 644 "$_RATION_TABLE"

# A file that is bad changes nothing.
site 'default { cores = 3 }'
is "$(guest nproc)" 3 "a good file"
site 'default { corse = 3 }'
is "$(guest nproc)" 3 "a bad one: the last good budget stays"
is "$(apply; echo "status $?")" "rationctl: nothing has been changed: $RATION_CONF:1: no such \
option 'corse'; a section takes cores, exempt, locked, fence
status 1" "which apply says"
rm "$RATION_CONF"
mkdir "$RATION_CONF"
returns 1 "a directory in its place" apply
rmdir "$RATION_CONF"
is "$(guest nproc)" 3 "nor does that"
site 'default { cores = 4 }'
is "$(guest nproc)" 4 "until it is mended"
is "$(apply)" "$_RATION_TABLE says so already
everyone: 4 cores
root too; to leave it out: user \"root\" { exempt = true }" "applied once more: what follows"
site ''
is "$(guest nproc)" 8 "an empty one limits nobody"

# A name that is not known any more keeps its id; one that never was is told.
site 'user "no-such-user" { cores = 1 }\ndefault { cores = 3 }'
is "$(apply | head -n 1)" "rationctl: $RATION_CONF:1: there is no user \"no-such-user\" here; it \
limits nobody" "an unknown name is told"
is "$(guest nproc)" 3 "and harms nobody"

# A daemon of root's: a child that has become another user's is that user's, also without an exec.
site 'default { cores = 3 }\nuser "root" { exempt = true }'
if [ "$(id -u)" = 0 ]; then
	is "$(guest "$debian" -c '
import os
print(os.cpu_count(), flush=True)
for uid in 0, 4001:
    if os.fork() == 0:
        os.setuid(uid)
        os.write(1, b"%d %d\n" % (uid, os.cpu_count()))
        os._exit(0)
    os.wait()' | tr '\n' ' ')" "8 0 8 4001 3 " "a forked child that becomes another user's"
fi
is "$(as_someone nproc)" 3 "a program of someone whom the default limits"
done_testing
