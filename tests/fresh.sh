#!/bin/bash
# SPDX-License-Identifier: MIT
# fresh.sh SUITE GOAL [VARIABLE=VALUE]...: the README's command in a fresh minimal Debian of that
# suite (bookworm, trixie, sid): apt-get installs make, make GOAL brings the rest. As root. The
# bare root is made once and kept in build/fresh, with what apt has downloaded; each run has a copy
# of it, in namespaces of its own, so that nothing of this machine is changed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
suite=$1
shift
kept=$root/build/fresh
here=$kept/$suite.run
[ "$(id -u)" = 0 ] || { echo "fresh: needs root" >&2; exit 1; }
mkdir -p "$kept/$suite.debs/partial"

if [ ! -e "$kept/$suite.tar" ]; then
	command -v debootstrap >/dev/null || { echo "fresh: no debootstrap here" >&2; exit 1; }
	debootstrap --variant=minbase "$suite" "$here" >"$kept/$suite.log" 2>&1 || {
		tail -n 5 "$kept/$suite.log"
		exit 1
	}
	tar -C "$here" -cf "$kept/$suite.new" .
	mv "$kept/$suite.new" "$kept/$suite.tar"
fi
rm -rf --one-file-system "$here"
mkdir -p "$here"
trap 'rm -rf --one-file-system "$here"' EXIT
tar -C "$here" -xf "$kept/$suite.tar"

# Packages come from where they come from here.
cp /etc/resolv.conf /etc/hosts "$here/etc/"
for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf.d/99* /etc/pip.conf; do
	[ ! -e "$file" ] || cp "$file" "$here$file"
done
[ ! -d /usr/local/share/ca-certificates ] ||
	cp -r /usr/local/share/ca-certificates "$here/usr/local/share/"
printf '#!/bin/sh\nexit 101\n' >"$here/usr/sbin/policy-rc.d"
chmod 755 "$here/usr/sbin/policy-rc.d"
mkdir "$here/src"
tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$here/src" -xf -

in_there='
	mount --make-rprivate /
	mount --bind "$here" "$here"
	mount -t proc proc "$here/proc"
	mount --rbind /sys "$here/sys"
	mount --rbind /dev "$here/dev"
	mount -t tmpfs -o mode=1777 tmpfs "$here/dev/shm"
	mount --bind "$debs" "$here/var/cache/apt/archives"
	exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$here" sh -c "$line" sh "$@"'
line='cd /src && apt-get -q update && apt-get -q install -y make && make "$@"'
here=$here line=$line debs=$kept/$suite.debs \
	unshare -m -i -p -u -f --kill-child sh -c "$in_there" sh "$@" </dev/null
