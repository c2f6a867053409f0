# shellcheck shell=sh disable=SC2034,SC2154,SC2317 # the names of tests/lib.sh, and for its users
# SPDX-License-Identifier: MIT
# Sourced by tests/package/*.t after tests/lib.sh: fresh Debian 12 roots, entered with namespaces of
# their own, so that nothing of the machine at hand can be changed. Needs root. Roots are kept as
# archives in $cache, so that debootstrap and apt are asked once.
cache=${CACHE:-$root/build/package}
[ "$(id -u)" = 0 ] || { echo "Bail out! check-package needs root"; exit 1; }
trap 'rm -rf --one-file-system "$work"; "$probe/forget" "$_RATION_LEDGER" >/dev/null 2>&1' EXIT

# settings ROOT: packages come from where they come from here.
settings()
{
	rm -rf "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d"
	cp -r /etc/apt/sources.list.d "$1/etc/apt/"
	[ ! -e /etc/apt/sources.list ] || cp /etc/apt/sources.list "$1/etc/apt/"
	for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf.d/99*; do
		[ ! -e "$file" ] || cp "$file" "$1/etc/apt/apt.conf.d/"
	done
	cp /etc/resolv.conf /etc/hosts "$1/etc/"
	[ ! -d /usr/local/share/ca-certificates ] ||
		cp -r /usr/local/share/ca-certificates "$1/usr/local/share/"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

# inside ROOT COMMAND: by a shell in it, as root, without the caller's environment. Its daemons end
# with it, whatever happens. With $net, a network of its own, which is nobody else's.
inside()
{
	there=$1 line=$2 timeout -s KILL "${limit_s:-300}" \
		unshare -m -i -p -u ${net:+-n} -f --kill-child sh -c '
		mount --make-rprivate /
		mount -t proc proc "$there/proc"
		mount -t sysfs -o ro sysfs "$there/sys"
		mount --rbind /sys/fs/cgroup "$there/sys/fs/cgroup" 2>/dev/null
		mount --rbind /dev "$there/dev"
		mount -t tmpfs tmpfs "$there/dev/shm"
		if [ -n "'"${net:-}"'" ]; then
			ip link set lo up
			ip address add 10.99.0.1/32 dev lo
		fi
		exec env -i HOME=/var/tmp TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$there" sh -c "$line"' </dev/null 2>&1
}

# fresh NAME KIND [PACKAGE...]: a root in $work/NAME, of the archive KIND, which is made of a bare
# Debian 12 and these packages if it is not there yet.
fresh()
{
	mkdir -p "$cache" "$work/$1"
	if [ ! -e "$cache/bare.tar" ]; then
		debootstrap --variant=minbase bookworm "$work/bare" >"$work/log" 2>&1 ||
			{ tail -n 5 "$work/log"; echo "Bail out! debootstrap failed"; exit 1; }
		tar -C "$work/bare" -cf "$cache/bare.tar.new" .
		mv "$cache/bare.tar.new" "$cache/bare.tar"
	fi
	[ -e "$cache/$2.tar" ] || make_kind "$@"
	tar -C "$work/$1" -xf "$cache/$2.tar"
	settings "$work/$1"
}

make_kind()
{
	kind=$2
	shift 2
	mkdir "$work/$kind.new"
	tar -C "$work/$kind.new" -xf "$cache/bare.tar"
	settings "$work/$kind.new"
	case " $*" in
	*:i386*) inside "$work/$kind.new" "dpkg --add-architecture i386" ;;
	esac
	net='' limit_s=900 inside "$work/$kind.new" "apt-get -q update;
		apt-get -q install -y --no-install-recommends $*" >"$work/log" ||
		{ tail -n 5 "$work/log"; echo "Bail out! no packages for $kind"; exit 1; }
	tar -C "$work/$kind.new" -cf "$cache/$kind.tar.new" .
	mv "$cache/$kind.tar.new" "$cache/$kind.tar"
	rm -rf --one-file-system "$work/$kind.new"
}

# sealed ROOT LIBRARY: of how many cut-off copies of it a program takes no notice, and of the whole.
sealed()
{
	inside "$1" "size=\$(stat -c %s $2); for part in 1 2 3 4 5 6 7 8 9; do
		head -c \$((size * part / 10)) $2 >/var/tmp/cut.so
		LD_PRELOAD=/var/tmp/cut.so /bin/sh -c 'nproc >/dev/null; echo fine' 2>/dev/null
	done | grep -c fine; RATION_CORES=1 LD_PRELOAD=$2 nproc"
}

with_python='python3-numpy python3-venv libopenblas0-pthread procps'
# What the seed's program is started with: a job of seconds.
small='N=300 ITEMS=12'
