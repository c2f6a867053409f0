#!/bin/sh
# SPDX-License-Identifier: MIT
# Of the unit tests those that read the machine. What the others try is the same anywhere.
. "$(dirname "$0")/lib.sh"

# ident's speak of a process that began a minute ago.
until [ "$(cut -d. -f1 /proc/uptime)" -ge 61 ]; do
	sleep 1
done
for unit in cpus grant ident ledger machine segment storm table tasks tree; do
	returns 0 "$unit" setpriv --reuid ann --regid ann --init-groups \
		env TMPDIR=/tmp HOME=/tmp "$build/tests/unit/$unit"
done
done_testing
