#!/bin/sh
# SPDX-License-Identifier: MIT
# rationctl slices --root writes nowhere but below that folder, whatever links others left in it;
# and what it leaves has its modes whatever the umask.
. "$(dirname "$0")/lib.sh"
site 'default { cores = 1 }'
image=$work/image
file=etc/systemd/system/user-.slice.d/50-ration.conf

# below: what was written outside of the image, of what is there.
mkdir -p /etc/systemd/system/ssh.service.d "$work/elsewhere"
outside()
{
	find /etc/systemd "$work/elsewhere" -type f
}

for link in etc etc/systemd etc/systemd/system "${file%/*}"; do
	for target in /etc/systemd/system/ssh.service.d "$work/elsewhere" \
		../../../../../elsewhere; do
		rm -rf "$image"
		mkdir -p "$image/${link%/*}"
		rm -rf "${image:?}/$link"
		ln -s "$target" "$image/$link"
		chown -hR 4001:4001 "$image"
		said=$(ctl slices --write --root="$image")
		is "$(outside)" "" "a link $link to $target: nothing goes through it"
		like "$said" 'not ours to replace|Too many levels of symbolic links' "and says so"
		said=$(ctl slices --remove --root="$image")
		is "$(outside)" "" "nor taken away"
	done
done

for mask in 077 000; do
	rm -rf "$image"
	mkdir "$image"
	chmod 755 "$image"
	(
		umask $mask
		ctl slices --write --root="$image"
	) >"$work/out"
	is "$(cd "$image" && find . -mindepth 1 -printf '%m %P\n' | sort -k2)" "755 etc
755 etc/systemd
755 etc/systemd/system
755 ${file%/*}
644 $file" "umask $mask"
done
ctl slices --remove --root="$image" >"$work/out"
is "$(cd "$image" && find . -name 'user*')" "" "all is taken away"
done_testing
