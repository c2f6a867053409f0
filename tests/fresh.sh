#!/bin/bash
# SPDX-License-Identifier: MIT
# fresh.sh SUITE GOAL [VARIABLE=VALUE]...: the README's command in a fresh minimal Debian of that
# suite (bookworm, trixie, sid): apt-get installs make, make GOAL brings the rest. As root; with
# AS=sudo in the environment a user of that Debian does it, who has sudo and nothing else. The bare
# root is made once and kept in FRESH (build/fresh), with what apt and pip have downloaded. Each run
# has a copy of it, in namespaces of its own, so that nothing of this machine is changed; it is the
# root of these by pivot_root(2), as no user namespace begins in a chroot(2).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
suite=$1
shift
kept=${FRESH:-$root/build/fresh}
[ "$(id -u)" = 0 ] || { echo "fresh: needs root" >&2; exit 1; }
mkdir -p "$kept/$suite.debs" "$kept/pip"

here=$(mktemp -d "$kept/$suite.XXXXXX")
debs=$here/var/cache/apt/archives
chmod 755 "$here"

# Packages go in and out as copies: apt locks the directory, and two may run at once.
share()
{
	cp -ln "$1"/*.deb "$2" 2>/dev/null || cp -n "$1"/*.deb "$2" 2>/dev/null || true
}
trap 'share "$debs" "$kept/$suite.debs"; rm -rf --one-file-system "$here"' EXIT

if [ ! -e "$kept/$suite.tar" ]; then
	command -v debootstrap >/dev/null || { echo "fresh: no debootstrap here" >&2; exit 1; }
	debootstrap --variant=minbase "$suite" "$here" >"$kept/$suite.log" 2>&1 || {
		tail -n 5 "$kept/$suite.log"
		exit 1
	}
	tar -C "$here" -cf "$kept/$suite.new" .
	mv "$kept/$suite.new" "$kept/$suite.tar"
else
	tar -C "$here" -xf "$kept/$suite.tar"
fi

share "$kept/$suite.debs" "$debs"

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
	mkdir -p "$here/root/.cache/pip" "$here/.here"
	mount --bind "$pip" "$here/root/.cache/pip"
	cd "$here"
	pivot_root . .here
	exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		/usr/sbin/chroot . sh -c "$line" sh "$@"'
line='umount -l /.here && rmdir /.here && cd /src'
case ${AS:-root} in
root)	line="$line"' && apt-get -q update && apt-get -q install -y make && make "$@"' ;;
sudo)	line="$line"' && { apt-get -q update && apt-get -q install -y sudo; } >/dev/null 2>&1 &&
		useradd -m ann && echo "ann ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ann &&
		chown -R ann /src && exec runuser -u ann -- sh -c '"'"'
		export HOME=~ann && sudo apt-get -q update && sudo apt-get -q install -y make &&
		make "$@"'"'"' sh "$@"' ;;
*)	echo "fresh: AS=root or AS=sudo" >&2; exit 2 ;;
esac
here=$here line=$line pip=$kept/pip \
	unshare -m -i -p -u -f --kill-child sh -c "$in_there" sh "$@" </dev/null
