# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Sourced first by every tests/security/*.t: mounts, processes and shared memory of its own, an /etc
# of its own, and users who mean ill or well: ill is uid 4001, bob and cid are 4002 and 4003. What
# is tried here would trouble a machine; nothing of this one is touched.
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root: make check-security as root"
	exit 1
fi
if [ -z "${RATION_SECURITY_INSIDE:-}" ]; then
	RATION_SECURITY_INSIDE=1 exec unshare -m -p -f -i --propagation private --mount-proc \
		--kill-child sh "$0"
fi
. "$(dirname "$0")/../lib.sh"
unset RATION_CONF XDG_CONFIG_HOME _RATION_LEDGER

chmod 755 "$work"
bin=$work/bin
etc=$work/etc
mkdir -p "$bin" "$etc/profile.d" "$work/home/ill/.config" "$work/home/bob/.config"
cp "$build/ration" "$build/rationctl" "$build/libration.so" "$bin"
cp "$probe"/foul-* "$probe/spin" "$bin"
cp -a /etc/group /etc/nsswitch.conf /etc/ld.so.cache /etc/alternatives "$etc"
{
	echo "root:x:0:0::/root:/bin/sh"
	for user in ill:4001 bob:4002 cid:4003; do
		echo "${user%:*}:x:${user#*:}:${user#*:}::$work/home/${user%:*}:/bin/sh"
	done
} >"$etc/passwd"
chown -R 4001:4001 "$work/home/ill"
chown -R 4002:4002 "$work/home/bob"
mount --bind "$etc" /etc
trap 'umount -l /etc 2>/dev/null; rm -rf --one-file-system "$work"' EXIT

# site TEXT: what /etc/ration.conf says from now on.
site()
{
	printf '%s\n' "$1" >/etc/ration.conf
}
# as USER COMMAND...: in an environment of hers, as if she had logged in.
as()
{
	case $1 in
	ill) user=4001 ;;
	bob) user=4002 ;;
	cid) user=4003 ;;
	root) user=0 ;;
	esac
	home=$work/home/$1
	shift
	env -i PATH="$bin:$PATH" HOME="$home" timeout "${limit_s:-60}" \
		setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
# ctl ACTION...: root's rationctl, in her terminal.
ctl()
{
	env -i LC_ALL="${locale:-C}" timeout "${limit_s:-60}" "$bin/rationctl" "$@" 2>&1
}
# allowed PID: the CPUs that it may use.
allowed()
{
	sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$1/status"
}
# sleeper: the pid of the sleep(1) in this namespace, once it stands there; env, timeout and setpriv
# stand before it.
sleeper()
{
	for _ in $(seq 100); do
		ps -eo pid=,comm= | sed -n 's/^ *\([0-9]*\) sleep$/\1/p' | grep . && return
		sleep 0.05
	done
}
# There is no ledger of this test's own: each user has the usual one, in this IPC namespace.
done_testing()
{
	echo "1..$count"
	exit "$((failed != 0))"
}
