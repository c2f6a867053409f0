#!/bin/sh
# SPDX-License-Identifier: MIT
# The system calls that a program makes because it carries the shim, beyond those that any preloaded
# library costs: an empty one. On a site, where no `ration` begins it.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../table-lib.sh"

echo | "${CC:-cc}" -shared -nostdlib -xc -o "$work/empty.so" -
# calls LIBRARY COMMAND...: into $work/calls, one a line.
calls()
{
	preload=$1
	shift
	strace -qq -E "LD_PRELOAD=$preload" -o "$work/calls" "$@" >/dev/null 2>&1
}
# beyond COMMAND...: how many more it makes with us than with an empty library.
beyond()
{
	calls "$work/empty.so" "$@"
	without=$(wc -l <"$work/calls")
	calls "$shim" "$@"
	echo $(($(wc -l <"$work/calls") - without))
}
# What the machine grants: the CPUs online, the mask, the quotas of all groups above.
of_quotas()
{
	awk '
	/^openat\(.*"\/(sys\/(devices\/system\/cpu|fs\/cgroup)|proc\/self\/(cgroup|mountinfo))/ {
		count++
		mine[$NF] = $NF ~ /^[0-9]+$/
		next
	}
	match($0, /^(read|close)\([0-9]+/) {
		fd = substr($0, index($0, "(") + 1, RLENGTH - index($0, "("))
		if (mine[fd]) {
			count++
			mine[fd] = $0 !~ /^close/
		}
	}
	/^getpid\(|^sched_getaffinity\([1-9]/ { count++ }
	END { print count + 0 }' "$work/calls"
}

site 'default { cores = 1 }\ngroup "root" { cores = 1 }\n'
at_most "$(beyond /bin/true)" 4 "/bin/true"
at_most "$(beyond /bin/ls /)" 4 "ls"
at_most "$(beyond /bin/sh -c :)" 4 "a shell"
# The file that says whether it is under a filter, and who it is: three calls. The table: four, and
# two more here, where it is not the usual one. Whether it has a ledger: two.
more=$(beyond nproc)
quotas=$(of_quotas)
is "$(LD_PRELOAD=$shim nproc)" 1 "nproc is told one CPU"
at_least "$quotas" 10 "for that the quotas are read: $quotas calls"
at_most "$quotas" 24 "each file once"
others=$((more - quotas))
at_most "$others" 13 "nproc makes $more more, of which $others are for other things"
is "$(grep -c '"/proc/self/status"\|"/proc/self/cgroup"\|"/proc/self/mountinfo"' "$work/calls")" 3 \
	"no file is read twice"
is "$(grep -cE '^(getuid|getgid|getegid|getgroups)' "$work/calls")" 0 "nor is it asked who it is"
# Begun by ration, it has been told all but its mask; and the table says whether it is locked.
export _RATION_JOB=1:1:-1
more=$(beyond nproc)
at_most "$more" 16 "nproc under ration makes $more more"
_RATION_TABLE=/nonexistent
more=$(beyond nproc)
at_most "$more" 10 "and $more where the site has no table"
done_testing
