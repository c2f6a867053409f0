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

# Where the header has e_phoff, and e_phentsize with e_phnum behind it. Others are left as they are.
case $(number 4 1)$(number 5 1) in
21) at=32 bytes=8 sizes=54 ;; # ELF64
11) at=28 bytes=4 sizes=42 ;; # ELF32
*)  exit 0 ;;
esac
offset=$(number $at $bytes)
length=$(($(number $sizes 2) * $(number $((sizes + 2)) 2)))
size=$(wc -c <"$lib")
[ $((offset + length)) -lt "$size" ] || exit 0
# In a page that no segment shares: the loader would take it for mapped there, even where .bss is
# (glibc 2.36, elf/dl-map-segments.h: by mapend, which is that of the page).
end=$(((size + 4095) / 4096 * 4096))

rm -f "$lib.sealed"
dd if="$lib" of="$lib.sealed" bs=4096 conv=notrunc,fsync status=none
dd if="$lib" bs=1 skip="$offset" count="$length" status=none |
	dd of="$lib.sealed" bs=1 seek="$end" conv=notrunc status=none
for i in $(seq 0 $((bytes - 1))); do
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf '%03o' $((end >> (8 * i) & 255)))"
done | dd of="$lib.sealed" bs=1 seek=$at conv=notrunc status=none
chmod --reference="$lib" "$lib.sealed"
mv "$lib.sealed" "$lib"
