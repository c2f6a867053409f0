#!/bin/sh
# SPDX-License-Identifier: MIT
# The shim shows a guest its hooks and not one name more, and needs nothing.
. "$(dirname "$0")/../lib.sh"

hooks=$(sed -nE 's/^HOOK .*[ *]([a-z_0-9]+)\(.*/\1/p' "$root"/shim/*.c | sort)
# Some of them in several versions (shim/old.c).
is "$(nm -D --defined-only "$shim" | sed '/ A /d; s/.* //; s/@.*//' | sort -u)" "$hooks" \
	"what it defines is what is a HOOK"
is "$(grep -c '^HOOK' "$root"/shim/*.c | awk -F: '{ n += $2 } END { print n }')" \
	"$(echo "$hooks" | wc -l)" "and each HOOK was found"
is "$(readelf -dW "$shim" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" "" "it needs nothing"
is "$(readelf -dW "$shim" | grep -E '\((INIT|FINI|INIT_ARRAY|FINI_ARRAY|PREINIT_ARRAY)\)')" "" \
	"and it has no constructor, nor a destructor"
is "$(readelf -lW "$shim" | awk '$1 == "GNU_STACK" { print $(NF - 1) }')" RW "no executable stack"

# What it uses of libc it has itself (shim/bare.c), or looks for when it is used: a name that is
# imported would be bound to what the program has by it, and could be newer than its libc.
is "$(nm -D --undefined-only "$shim" | sed 's/.* //')" "_dl_debug_addr
_r_debug" "it imports where the loader has its list, of one or another"
is "$(readelf -VW "$shim" | grep -c 'Version needs')" 0 "and no version of anything"

# Of libc it may not call what ends a program, allocates, or prints through stdio.
taboo='v?f?printf|puts|fopen|exit|_exit|abort|__assert_fail|malloc|calloc|realloc|free|system'
is "$(nm "$shim" | sed 's/.* //' | grep -xE "$taboo")" "" "nothing ends, allocates or prints"
is "$(strings "$shim" | grep -xE "$taboo")" "" "nor is looked for"

# The compiler knows what these do, and may make a call of one where it stands (gcc 16: memcpy).
like "$(nm "$shim" | xargs)" " t memcpy .* t memmove " "it has its own memcpy"
is "$(objdump -d --no-show-raw-insn "$shim" | awk '
	/^[0-9a-f]+ <.*>:$/ { name = $2; sub(/:/, "", name) }
	name ~ /^<(mem|str|bcmp)/ && $2 ~ /^(jmp|call|b|bl)$/ && $NF == name')" "" \
	"none of its texts and copies is a call of itself"
done_testing
