# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: MIT
# Sourced after lib.sh by tests of programs that carry the shim and that no ration began: what root
# and a user configure, put in force as `rationctl apply` does it, and such programs.
export RATION_CONF="$work/site.conf" XDG_CONFIG_HOME="$work/config"
# Heeded where there is no /etc/ration.table: so none may be where this is tested.
export _RATION_TABLE="$work/table"
mkdir "$work/config"
# site TEXT: what root configures, and puts in force.
site()
{
	printf '%b' "$1" >"$RATION_CONF"
	apply >/dev/null 2>&1
}
apply()
{
	"$build/rationctl" apply --table="$_RATION_TABLE" "$RATION_CONF" 2>&1
}
# own [TEXT]: the user's own file, told; without TEXT there is none.
own()
{
	rm -f "$XDG_CONFIG_HOME/ration.conf"
	[ $# = 0 ] || printf '%b' "$1" >"$XDG_CONFIG_HOME/ration.conf"
	FAKE_CPUS=8 LD_PRELOAD="$probe/libfake.so" "$build/rationctl" apply --own >/dev/null 2>&1
}
# guest COMMAND...: with the shim, on a machine of eight CPUs, and nobody's job.
guest()
{
	FAKE_CPUS=8 LD_PRELOAD="$shim:$probe/libfake.so" timeout 60 "$@" 2>&1
}
fresh()
{
	"$probe/forget" "$_RATION_LEDGER" >/dev/null
}
