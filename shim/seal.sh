#!/bin/sh
# SPDX-License-Identifier: MIT
# seal.sh LIBRARY: move the table of segments (the program headers) to the very end of the file.
# Cut off anywhere, the library then lacks it, and the loader says so in a line and runs the program
# without ("cannot read file data: ignored", glibc 2.36); as linked, with the table at the front,
# it maps what is not there, and every program of the machine dies of SIGBUS.
set -eu
lib=$1

# number OFFSET BYTES: a number in the file, of this machine's byte order.
number()
{
	od -A n -j "$1" -N "$2" -t "u$2" "$lib" | tr -d ' '
}

# ELF64: e_phoff is at 32, e_phentsize and e_phnum at 54 and 56. Others are left as they are.
[ "$(number 4 1)" = 2 ] && [ "$(number 5 1)" = 1 ] || exit 0
offset=$(number 32 8)
length=$(($(number 54 2) * $(number 56 2)))
size=$(wc -c <"$lib")
[ $((offset + length)) -lt "$size" ] || exit 0
end=$(((size + 7) / 8 * 8))

rm -f "$lib.sealed"
dd if="$lib" of="$lib.sealed" bs=4096 conv=notrunc,fsync status=none
dd if="$lib" bs=1 skip="$offset" count="$length" status=none |
	dd of="$lib.sealed" bs=1 seek="$end" conv=notrunc status=none
for i in 0 1 2 3 4 5 6 7; do
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf '%03o' $((end >> (8 * i) & 255)))"
done | dd of="$lib.sealed" bs=1 seek=32 conv=notrunc status=none
chmod --reference="$lib" "$lib.sealed"
mv "$lib.sealed" "$lib"
