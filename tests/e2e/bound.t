#!/bin/sh
# SPDX-License-Identifier: MIT
# No more governed threads want a CPU than the ledger grants: a cross-section of tests/long/bound.t.
. "$(dirname "$0")/../lib.sh"
. "$root/tests/bound-lib.sh"
limit_s=60
use runtimes
at_work 16 6 fork 5 inv 1000 events
at_work 16 4 fork 12 matmul 300
at_work 64 6 spawn 4 solve 700 events
at_work 16 4 fork 4 numexpr 700
at_work 16 4 thread 4 svd 250
seldom_more
done_testing
