# shellcheck shell=sh disable=SC2154 # names of lib.sh
# SPDX-License-Identifier: MIT
# For tests of the fence: how many CPUs a command uses, measured by its parent.
cat >"$work/cpus.py" <<'END'
import resource, subprocess, sys, time
start = time.monotonic()
status = subprocess.run(sys.argv[2:]).returncode
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    print("%d %.3f" % (status, (used.ru_utime + used.ru_stime) / wall), file=out)
END
cat >"$work/child.py" <<'END'
import subprocess, sys
subprocess.run(sys.argv[1:])
END

# cpus COMMAND...: CPUs it used on average; "failed" if it did.
cpus()
{
	"$debian" "$work/cpus.py" "$work/used" "$@" >"$work/out" 2>&1
	awk '{ print $1 == 0 ? $2 : "failed" }' "$work/used"
}

# stays NAME COMMAND...: of two CPUs on one, run in three ways.
stays()
{
	name=$1
	shift
	at_most "$(cpus ration -n 1 "$@")" 1.05 "$name"
	at_most "$(cpus ration -n 1 sh -c '"$@"; exit $?' sh "$@")" 1.05 "$name, from a shell"
	at_most "$(cpus ration -n 1 "$debian" "$work/child.py" "$@")" 1.05 "$name, from Python"
}

# The commands that are tried run it by its name.
mkdir "$work/bin"
ln -s "$build/ration" "$work/bin/ration"
PATH=$work/bin:$PATH
