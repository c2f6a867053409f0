#!/bin/sh
# SPDX-License-Identifier: MIT
# The shim on aarch64, in an emulator: OpenMP is met before its first team, keeps what the program
# chose, and does not hang after a fork. qemu 7.2 says yes to MADV_WIPEONFORK and does not do it: a
# forked child there passes for its parent, so that shares of children are not to be seen.
. "$(dirname "$0")/../lib.sh"
limit_s=120
arm=$build/aarch64
cc=aarch64-linux-gnu-gcc
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu

make -s -C "$root" CC=$cc BUILD="$arm" WERROR=1 "$arm/libration.so" >"$work/made" 2>&1
is "$?" 0 "the shim is built, without a warning" || saw said "$(cat "$work/made")"
$cc -O2 -fopenmp -o "$work/team" "$root/tests/probe/team.c"

# team CORES ARG...: as a guest of a `ration` that has given it so many.
team()
{
	job=1:$1:-1
	shift
	timeout "$limit_s" qemu-aarch64-static -E LD_PRELOAD="$arm/libration.so" \
		-E _RATION_JOB="$job" "$work/team" "$@"
}

export OMP_NUM_THREADS=4
is "$(RATION_OFF=1 timeout "$limit_s" qemu-aarch64-static "$work/team" say)" \
	"parent max 4 team 4 sum 500500" "without us it has what it wishes"
is "$(team 1 say)" "parent max 1 team 1 sum 500500" "the budget"
is "$(team 1 set 6)" "parent max 6 team 6 sum 500500" "a team that the program chose has its size"
is "$(team 1 clause 5)" "parent max 1 team 5 sum 500500" "and one by a clause"
is "$(team 1 fork 2 3 | sort | uniq -c | sed 's/^ *//')" "2 child max 1 team 3 sum 500500
2 parent max 1 team 3 sum 500500" "forked children have teams after a team"
returns 124 "without us a child hangs" \
	timeout 10 env OMP_NUM_THREADS=3 qemu-aarch64-static "$work/team" fork 1
returns 0 "many regions, far beyond what a thread has of credit" team 1 many 100000
done_testing
