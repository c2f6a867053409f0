#!/bin/sh
# SPDX-License-Identifier: MIT
# root.sh DIR [SUITE PACKAGE,...]: the root of a small Debian 12, or other, in DIR, made once, from
# Debian's mirror. Root only.
set -eu
dir=$1
suite=${2:-bookworm}
packages=${3:-python3,libconfuse2,busybox-static,sudo,libc6-i386}

[ ! -e "$dir/.made" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	echo "check-site needs root, and debootstrap (apt-get install debootstrap)" >&2
	exit 1
fi
rm -rf --one-file-system "$dir"
mkdir -p "$dir"
# shellcheck disable=SC2086 # a mirror, or the usual one
debootstrap --variant=minbase --include="$packages" "$suite" "$dir" ${DEBIAN_MIRROR:-} \
	>"$dir.log" 2>&1 || {
	tail -n 3 "$dir.log" >&2
	exit 1
}
: >"$dir/.made"
