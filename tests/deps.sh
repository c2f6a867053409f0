#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh SET...: install the Debian packages of these sets that are not here. With nothing missing
# it does nothing and needs no network. What a release calls otherwise is written a|b|c: one that
# is installed will do, or the first that apt offers.
set -eu

build='gcc libc6-dev make libconfuse-dev'
man='scdoc'
demo='libopenblas-dev liblapacke-dev python3-venv ca-certificates'
numpy='python3-numpy libopenblas0-pthread'
check="$man $demo $numpy"'
	pkg-config check libopenblas0-openmp python3-scipy libomp5|libomp5-18|libomp5-14 libgomp1
	perl procps util-linux binutils strace valgrind xz-utils numactl hwloc openmpi-bin
	musl-tools'
long='golang-go stress-ng r-base-core octave nodejs default-jre-headless
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static|qemu-user'
site='debootstrap'
stress='stress-ng'
matrix='g++ clang libomp-dev libblis4-openmp libtbb-dev r-base-core octave python3-torch'
fuzz='g++ gfortran clang libomp-dev'
lint='clang clang-format clang-tidy cppcheck shellcheck scdoc'
package='debootstrap lintian dpkg-dev iproute2'
vm='qemu-system-x86 mmdebstrap e2fsprogs cpio'

wanted=
for set in "$@"; do
	case $set in
	build)	wanted="$wanted $build" ;;
	man)	wanted="$wanted $man" ;;
	demo)	wanted="$wanted $build $demo" ;;
	numpy)	wanted="$wanted $numpy" ;;
	check)	wanted="$wanted $build $check" ;;
	long)	wanted="$wanted $long" ;;
	lint)	wanted="$wanted $lint" ;;
	package) wanted="$wanted $package" ;;
	site)	wanted="$wanted $site" ;;
	stress)	wanted="$wanted $stress" ;;
	vm)	wanted="$wanted $vm" ;;
	matrix)	wanted="$wanted $matrix" ;;
	fuzz)	wanted="$wanted $fuzz" ;;
	*)	echo "usage: deps.sh SET..., of build, man, demo, numpy, check, long, lint," \
			"package, site, stress, vm, matrix, fuzz" >&2
		exit 2 ;;
	esac
done
# shellcheck disable=SC2086 # the lists are meant to be split, here and below
set -- $wanted

# usable_sudo: the command that makes us root, if there is one that can.
usable_sudo()
{
	if [ "$(id -u)" = 0 ]; then
		echo env
	elif sudo -n true 2>/dev/null; then
		echo sudo -n
	elif [ -t 0 ] && id -nG | grep -qw sudo; then
		echo sudo
	else
		return 1
	fi
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

offered()
{
	apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: *[^( ]'
}

# any TEST A|B|C: the first of them for which the test holds.
any()
{
	for one in $(echo "$2" | tr '|' ' '); do
		"$1" "$one" && echo "$one" && return
	done
	return 1
}

# named PACKAGE...: each by the name that apt offers. Before the first update it may offer none.
named()
{
	for package in "$@"; do
		any offered "$package" || echo "${package%%|*}"
	done
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is not Debian; needed is what Debian calls $*" >&2
	exit 0
fi

missing=
for package in "$@"; do
	any installed "$package" >/dev/null || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086,SC2046
if ! become=$(usable_sudo); then
	echo "deps: packages are missing; have root run: apt-get update &&" \
		"apt-get install -y --no-install-recommends" $(named $missing) >&2
	exit 1
fi
# shellcheck disable=SC2086
{
	$become apt-get -q update
	missing=$(named $missing | sort -u)
	echo "deps: installing" $missing
	$become env DEBIAN_FRONTEND=noninteractive \
		apt-get -q install -y --no-install-recommends $missing
}
