# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Sourced first by every tests/vm/*.t: root on a machine that is thrown away afterwards, with the
# users ann, bob and cid, and ration installed as `make install` does it.
if [ "$(systemctl is-active check-vm.service 2>/dev/null)" != activating ]; then
	echo "Bail out! only inside the machine of make check-vm"
	exit 1
fi
. "$(dirname "$0")/../lib.sh"
unset RATION_CONF XDG_CONFIG_HOME _RATION_LEDGER
# A manager that goes with its user's last session is tried where it is told of (scope.t); else they
# stay, and with them the user's ledger, which logind else takes away (RemoveIPC).
# What a test has enabled or configured ends with it, however it ends.
trap 'rationctl disable >/dev/null; rm -rf "$work" /etc/ration.conf' EXIT

# as USER COMMAND: a login of that user, in a session, and by a shell of his.
as()
{
	timeout "${limit_s:-120}" su - "$1" -c "$2" 2>&1 </dev/null
}

# soon COMMAND...: until it succeeds, or a minute has passed.
soon()
{
	for _ in $(seq 1 120); do
		"$@" && return
		sleep 0.5
	done
	return 1
}

# site TEXT: the configuration of this machine.
site()
{
	printf '%s\n' "$1" >/etc/ration.conf
}

# Every user has the usual ledger.
done_testing()
{
	echo "1..$count"
	exit "$((failed != 0))"
}
