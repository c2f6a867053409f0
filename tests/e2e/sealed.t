#!/bin/sh
# SPDX-License-Identifier: MIT
# A libration.so that a full disk or an interrupted copy has cut off: the loader says so, and the
# program runs without it. Where /etc/ld.so.preload names it, the machine depends on that.
. "$(dirname "$0")/../lib.sh"

size=$(stat -c %s "$shim")
cut=$work/cut.so
wrong=
step=$((size / 60))
for length in 1 63 64 832 1000 4095 4096 4097 8192 $(seq "$step" "$step" $((size - 1))) \
	$((size - 392)) $((size - 56)) $((size - 1)); do
	head -c "$length" "$shim" >"$cut"
	said=$(LD_PRELOAD=$cut /bin/sh -c 'nproc >/dev/null; echo fine; exit 7' 2>"$work/said")
	[ "$?,$said" = 7,fine ] && grep -q 'cut.so.*: ignored' "$work/said" ||
		wrong="$wrong $length"
done
is "$wrong" "" "cut off anywhere, it is ignored"
: >"$cut"
is "$(LD_PRELOAD=$cut /bin/echo fine 2>/dev/null)" fine "so is an empty one"
head -c "$size" /dev/zero >"$cut"
is "$(LD_PRELOAD=$cut /bin/echo fine 2>/dev/null)" fine "and one of zeros"
cp "$shim" "$cut"
is "$(RATION_CORES=1 LD_PRELOAD=$cut nproc 2>&1)" 1 "whole, it works"

# Packages have the linker strip it. What is then behind the data must not be taken for mapped with
# it, or .bss lies on the table.
versions=
[ "$(uname -m)" != x86_64 ] || versions=-Wl,--version-script=$root/shim/versions.map
# shellcheck disable=SC2086 # nothing, or one word
cc -shared -nostartfiles -s -Wl,-soname,libration.so,-z,norelro,-z,noseparate-code -o "$cut" \
	$versions \
	"$build"/shim/*.pic.o "$build"/core/*.pic.o
returns 0 "stripped, and sealed" sh "$root/shim/seal.sh" "$cut"
like "$(ldd "$cut" 2>&1)" 'statically linked' "it needs nothing, and the loader finds its segments"
is "$(RATION_CORES=1 LD_PRELOAD=$cut nproc 2>&1)" 1 "it works"
done_testing
