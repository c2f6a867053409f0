#!/bin/sh
# SPDX-License-Identifier: MIT
# As which path the loader is told the library: by a word of its own where there are 32-bit
# programs, and else plainly, which costs no system call.
. "$(dirname "$0")/lib.sh"

ctl enable --preload >"$work/said"
is "$(cat "$loads")" "$told" "with a loader for 32-bit programs"
ctl disable >"$work/said"
mv "$site/lib/ld-linux.so.2" "$work/ld"
ctl enable --preload >"$work/said"
is "$(cat "$loads")" "$library" "without"
strace -f -qq -e trace=readlink -o "$work/calls" chroot "$site" /bin/true
is "$(grep -c '/proc/self/exe' "$work/calls")" 0 "no program looks where it is"
is "$(alive)" "shell su sudo login " "programs, su, sudo and logins go on"
done_testing
