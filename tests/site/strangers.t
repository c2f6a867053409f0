#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that have nothing to do with us, with the library in /etc/ld.so.preload and one core for
# everybody, and without: they write the same, and end the same.
. "$(dirname "$0")/lib.sh"

printf 'default { cores = 1 }\n' >"$site/etc/ration.conf"
within rationctl apply >/dev/null
mount -t sysfs -o ro sysfs "$site/sys"
cp "$probe/variables" "$probe/namesakes" "$probe/error" "$probe/saved" "$probe/shared" \
	"$site/usr/local/bin"
user bob

# What each line of it does, in a shell of ann's with a wish that is above the core; nothing that
# counts CPUs, for that is answered otherwise.
programs=${SITE_PROGRAMS:-$root/tests/site/strangers.txt}

# run LINE: as ann, with a ledger of her own.
run()
{
	within su ann -c "cd /tmp; export OMP_NUM_THREADS=7; $1"
	echo "status $?"
}
while IFS= read -r line; do
	: >"$loads"
	without=$(run "$line" </dev/null)
	echo "$library" >"$loads"
	is "$(run "$line" </dev/null)" "$without" "$(echo "$line" | tr -dc "a-zA-Z0-9 ,.;'-" |
		cut -c 1-70)"
done <"$programs"
echo "$library" >"$loads"
like "$(within su ann -c nproc)" '^1$' "and the library was there"
: >"$loads"
at_least "$(wc -l <"$programs")" 50 "fifty lines of them"
done_testing
