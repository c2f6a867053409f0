# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Sourced first by every tests/site/*.t: a machine of its own (mounts, processes, shared memory)
# with a Debian 12 in $site, in which ration is installed and nothing enabled. Whatever a test does
# to /etc/ld.so.preload there, this machine is not touched, and all is gone at its end.
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root: make check-site as root"
	exit 1
fi
if [ -z "${RATION_SITE_INSIDE:-}" ]; then
	RATION_SITE_INSIDE=1 exec unshare -m -p -f -i --propagation private --mount-proc sh "$0"
fi
. "$(dirname "$0")/../lib.sh"
unset RATION_CONF XDG_CONFIG_HOME _RATION_LEDGER

site=$work/site
mkdir "$work/over" "$site"
chmod 755 "$work" "$work/over"
mount -t tmpfs -o mode=755 tmpfs "$work/over"
mkdir "$work/over/upper" "$work/over/work"
lower=$build/site/${SITE_ROOT:-root}
mount -t overlay -o "lowerdir=$lower,upperdir=$work/over/upper,workdir=$work/over/work" \
	overlay "$site"
mount -t proc proc "$site/proc"
mount -t tmpfs tmpfs "$site/dev"
mkdir "$site/dev/pts"
mkdir -m 1777 "$site/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$site/dev/pts"
ln -s pts/ptmx "$site/dev/ptmx"
for device in null zero full random urandom tty; do
	: >"$site/dev/$device"
	mount --bind "/dev/$device" "$site/dev/$device"
done
mkdir -p "$site/usr/local/lib/wheels" "$site/usr/local/lib/tests"
mount --bind -o ro "$(echo "${VENV:-$root/build/venv}"/lib/python3*/site-packages)" \
	"$site/usr/local/lib/wheels"
cp "$probe/libfake.so" "$root/demo/pool_6x6.py" "$site/usr/local/lib/tests"
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" BUILD="$build" DESTDIR="$site" \
	PREFIX=/usr/local install >"$work/log" 2>&1 || {
	tail -n 3 "$work/log"
	echo "Bail out! make install failed"
	exit 1
}

library=/usr/local/lib/ration/libration.so
# As the loader is told it.
told='/usr/local/lib/ration/$LIB/libration.so'
loads=$site/etc/ld.so.preload
trap 'umount -R -l "$site" "$work/over" "$work/etc" 2>/dev/null
	rm -rf --one-file-system "$work"' EXIT

# within COMMAND...: as root, in there.
within()
{
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		timeout 100 chroot "$site" "$@" 2>&1
}
# ctl ACTION...: rationctl from outside, for that root.
ctl()
{
	env -i timeout 100 "$build/rationctl" "$@" --root="$site" 2>&1
}
# user NAME [OPTION]...: make one.
user()
{
	within useradd -m -s /bin/bash "$@"
}
# alive: what a machine needs to be mended: a program, a shell, su, sudo, and a login.
alive()
{
	{
		within /bin/true
		within sh -c 'echo shell | cat'
		within su - ann -c 'echo su; sudo -n echo sudo'
		printf 'echo log""in\nexit\n' | within script -qec 'login -f ann' /dev/null |
			tr -d '\r' | grep -x login
	} | tr '\n' ' '
}
echo "127.0.0.1 localhost $(hostname)" >"$site/etc/hosts"
user ann
echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$site/etc/sudoers.d/ann"

# There is no ledger of this test's own: each user has the usual one, in this IPC namespace.
done_testing()
{
	echo "1..$count"
	exit "$((failed != 0))"
}
