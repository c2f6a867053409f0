#!/bin/sh
# SPDX-License-Identifier: MIT
# Install the Debian packages that build and demo need (`run`), those that the tests need besides
# (`check`), those of tests/long (`long`), of tests/package (`package`), of tests/site (`site`), of
# tests/vm (`vm`), of tests/matrix (`matrix`), of tests/fuzz/teams (`fuzz`), and those that lint,
# manual pages and CI need
# (`lint`). With nothing missing it does nothing and needs no network.
set -eu

run='gcc libc6-dev make pkg-config
	libopenblas-dev libopenblas0-pthread libopenblas0-openmp liblapacke-dev libconfuse-dev check
	python3-venv python3-numpy python3-scipy ca-certificates
	libomp5-14 libgomp1
	perl procps util-linux binutils strace valgrind gnuplot-nox'
check='xz-utils numactl hwloc openmpi-bin musl-tools'
long='golang-go stress-ng r-base-core octave nodejs default-jre-headless
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static'
site='debootstrap'
matrix='g++ clang libomp-dev libblis4-openmp libtbb-dev r-base-core octave python3-torch'
fuzz='g++ gfortran clang libomp-dev'
lint='clang clang-format clang-tidy cppcheck shellcheck scdoc'
package='debootstrap lintian dpkg-dev iproute2'
vm='qemu-system-x86 mmdebstrap e2fsprogs cpio'

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

wanted=
for set in "$@"; do
	case $set in
	run)	wanted="$wanted $run" ;;
	check)	wanted="$wanted $check" ;;
	long)	wanted="$wanted $long" ;;
	lint)	wanted="$wanted $lint" ;;
	package) wanted="$wanted $package" ;;
	site)	wanted="$wanted $site" ;;
	vm)	wanted="$wanted $vm" ;;
	matrix)	wanted="$wanted $matrix" ;;
	fuzz)	wanted="$wanted $fuzz" ;;
	*)	echo "usage: $0 [run|check|long|lint|package|site|vm|matrix|fuzz]..." >&2; exit 2 ;;
	esac
done
# shellcheck disable=SC2086 # the lists are meant to be split, here and below
set -- $wanted

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is not Debian; needed is what Debian calls $*" >&2
	exit 0
fi

missing=
for package in "$@"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! become=$(usable_sudo); then
	echo "deps: packages are missing; have root run: apt-get update &&" \
		"apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
echo "deps: installing$missing"
# shellcheck disable=SC2086
{
	$become apt-get -q update
	$become env DEBIAN_FRONTEND=noninteractive \
		apt-get -q install -y --no-install-recommends $missing
}
