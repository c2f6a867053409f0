#!/bin/sh
# SPDX-License-Identifier: MIT
# The fence around programs that need more than a compiler: Go, stress-ng; and for half a minute.
. "$(dirname "$0")/../lib.sh"
. "$root/tests/fence-lib.sh"
limit_s=120

at_least "$(nproc)" 2 "two CPUs, of which one is granted below"
HOME=$work CGO_ENABLED=0 go build -o "$work/spin-go" "$root/tests/probe/spin.go"
is "$(readelf -l "$work/spin-go" | grep -c INTERP)" 0 "and static"
stays "Go, eight goroutines" "$work/spin-go" 8 5
stays "stress-ng --cpu 8" stress-ng --quiet --cpu 8 --timeout 5
at_most "$(cpus ration -n 1 "$work/spin-go" 8 30)" 1.01 "Go, half a minute: the start is lost in it"
ration -n 1 --report="$work/report" "$work/spin-go" 1 5
like "$(cat "$work/report")" "^  fence            not needed$" "one goroutine: not needed"
ration -n 1 --report="$work/report" stress-ng --quiet --cpu 1 --timeout 5
like "$(cat "$work/report")" "^  fence            not needed$" "one stressor: not needed"
done_testing
