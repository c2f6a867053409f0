#!/bin/sh
# SPDX-License-Identifier: MIT
# The shim shows a guest its hooks and not one name more, and needs nothing but libc.
. "$(dirname "$0")/../lib.sh"

hooks=$(sed -nE 's/^HOOK .*[ *]([a-z_0-9]+)\(.*/\1/p' "$root"/shim/*.c | sort)
# Some of them in several versions (shim/old.c).
is "$(nm -D --defined-only "$shim" | sed '/ A /d; s/.* //; s/@.*//' | sort -u)" "$hooks" \
	"what it defines is what is a HOOK"
is "$(grep -c '^HOOK' "$root"/shim/*.c | awk -F: '{ n += $2 } END { print n }')" \
	"$(echo "$hooks" | wc -l)" "and each HOOK was found"
is "$(readelf -dW "$shim" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" "libc.so.6" "it needs libc"
is "$(readelf -dW "$shim" | grep -E '\((INIT|FINI|INIT_ARRAY|FINI_ARRAY|PREINIT_ARRAY)\)')" "" \
	"and it has no constructor, nor a destructor"
is "$(readelf -lW "$shim" | awk '$1 == "GNU_STACK" { print $(NF - 1) }')" RW "no executable stack"

# Of libc it may not call what ends a program, allocates, or prints through stdio.
taboo='v?f?printf|puts|fopen|exit|_exit|abort|__assert_fail|malloc|calloc|realloc|free|system'
is "$(nm -D --undefined-only "$shim" | sed 's/.* //; s/@.*//' | grep -xE "$taboo")" "" \
	"nothing that ends, allocates or prints"

# What is left of libc is as old as any libc in use, and a name of C's own or of threads: what
# else a program may define, it would be asked for (shim/bare.c)..
imports=$(nm -D --undefined-only "$shim" | sed -n 's/.* U //p')
is "$(echo "$imports" 2.17 | tr ' ' '\n' | sed 's/.*@GLIBC_//' | sort -Vu | tail -n 1)" 2.17 \
	"nothing newer than what glibc 2.17 has"
is "$(echo "$imports" | sed 's/@.*//' | grep -vxE 'v?snprintf|pthread_.*|getauxval')" "" \
	"and no name that a program may have for itself"
done_testing
