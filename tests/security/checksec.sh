#!/bin/sh
# SPDX-License-Identifier: MIT
# checksec.sh FILE...: how each was built against who would lead it astray, by readelf(1) alone:
# a line of what programs.t asserts. The library has what costs nothing at each exec.
printf '%-34s %-5s %-8s %-9s %-7s %-6s %-8s %s\n' FILE PIE RELRO BIND_NOW CANARY NX FORTIFY 'W+X'
for file; do
	header=$(readelf -hW "$file") segments=$(readelf -lW "$file")
	dynamic=$(readelf -dW "$file") symbols=$(readelf --dyn-syms -W "$file")
	has()
	{
		echo "$2" | grep -Eq "$1" && echo yes || echo no
	}
	now=$(has 'BIND_NOW|FLAGS.* NOW' "$dynamic")
	relro=$(has GNU_RELRO "$segments")
	[ "$relro$now" != yesyes ] || relro=full
	wx=$(has ' RWE ' "$segments")
	nx=$(has 'GNU_STACK.* RW ' "$segments")
	printf '%-34s %-5s %-8s %-9s %-7s %-6s %-8s %s\n' "$file" "$(has 'Type: +DYN' "$header")" \
		"$relro" "$now" "$(has '__stack_chk_fail' "$symbols")" "$nx" \
		"$(has '__[a-z]+_chk(@| |$)' "$symbols")" "$wx"
done
