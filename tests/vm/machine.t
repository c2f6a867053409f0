#!/bin/sh
# SPDX-License-Identifier: MIT
# That this is the machine that the other tests are for, and that ours reads it as it is.
. "$(dirname "$0")/lib.sh"

is "$(nproc)" 16 "sixteen CPUs"
is "$(lscpu -p=CPU,NODE,CORE | grep -v '^#' | awk -F, '{ cpus[$2]++; core[$2 "," $3]++ } END {
	for (c in core) if (core[c] != 2) exit 1
	print length(cpus), cpus[0], cpus[1], length(core) }')" "2 8 8 8" \
	"two nodes of eight, eight cores of two threads"
is "$(hwloc-calc -N numa all) $(hwloc-calc -N core all) $(hwloc-calc -N pu all)" "2 8 16" \
	"hwloc sees the same"
is "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs "cgroup v2, and nothing else"
is "$(cat /proc/1/comm)" systemd "systemd is init"
is "$(as ann 'echo $XDG_RUNTIME_DIR; systemctl --user is-system-running --wait')" \
	"/run/user/$(id -u ann)
running" "a login has a user manager"
is "$(as ann 'ration nproc; nproc')" "16
16" "nobody is limited yet"
like "$(as ann 'rationctl show')" '^machine +16 +CPUs online$' "rationctl show"
done_testing
