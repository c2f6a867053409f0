#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [TEST...]: boot a Debian 12 with 16 CPUs (2 nodes x 4 cores x 2 threads), systemd and
# cgroup v2 in qemu, install what was built here, run these tests of tests/vm (all of them) inside,
# and switch off. For counts, masks and quotas of several users; never for timings: without KVM all
# 16 CPUs are emulated on those of this machine.
#
# VM_ACCEL= kvm or tcg (kvm where /dev/kvm can be used); VM_LIMIT_S= until it is killed.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
vm=${VM:-$root/build/vm}
limit_s=${VM_LIMIT_S:-600}
began=$(date +%s)

fail()
{
	echo "check-vm: $*" >&2
	exit 1
}

# What is built here runs there: the same libc, the same libraries.
there="Debian 12"
# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "$ID" "${VERSION_ID:-}")
[ "$here" = "debian 12" ] ||
	fail "the machine inside is a $there and runs what was built here, on $here: go to a $there"
qemu="qemu-system-x86_64"
command -v $qemu >/dev/null || fail "no $qemu here (sh tests/deps.sh vm)"
sh "$root/tests/vm/image.sh" "$vm"
made=$(date +%s)

work=$(mktemp -d "$vm/run.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The second disk: ration as it gets installed, and what its tests need.
tree=$work/tree
mkdir -p "$tree/build/tests" "$tree/build/numpy" "$tree/build/venv/lib"
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" BUILD="$build" DESTDIR="$tree/installed" \
	PREFIX=/usr/local install >"$work/log" 2>&1 || { cat "$work/log"; fail "make install"; }
cp -r "$root/tests" "$root/demo" "$tree"
cp "$build/ration" "$build/rationctl" "$build/libration.so" "$tree/build"
libomp=$(find /usr/lib/llvm-*/lib/libomp.so.5 2>/dev/null | tail -n 1)
[ -z "$libomp" ] || cp -L "$libomp" "$tree/build/libomp.so.5"
[ ! -e "$build/narrow" ] || cp -r "$build/narrow" "$tree/build"
cp -r "$build/tests/probe" "$build/tests/unit" "$tree/build/tests"
cp -r "$build/demo" "$tree/build"
find "$tree/build" -name '*.[od]' -delete
venv=${VENV:-$root/build/venv}
cp -r "$venv/bin" "$venv/pyvenv.cfg" "$tree/build/venv"
for packages in "$venv"/lib/python3*/site-packages; do
	python=$(basename "$(dirname "$packages")")
	mkdir -p "$tree/build/venv/lib/$python/site-packages"
	for package in numpy numpy.libs threadpoolctl.py joblib; do
		[ ! -e "$packages/$package" ] ||
			cp -r "$packages/$package" "$tree/build/venv/lib/$python/site-packages"
	done
done
printf '%s\n' "$@" >"$tree/wanted"
size=$(du -sm "$tree" | cut -f1)
mke2fs -q -t ext4 -O ^has_journal -d "$tree" "$work/tree.ext4" $((size * 5 / 4 + 50))M \
	>"$work/log"
rm -rf "$tree"

# A /dev/kvm that opens is not always one that can run all of this machine's CPU (a nested one):
# what cannot even be set up ends at once. Threads of a core need topoext on AMD.
host=host
! grep -qm1 topoext /proc/cpuinfo || host=host,topoext=on
kvm_works()
{
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return
	tried=0
	timeout 3 $qemu -machine q35 -accel kvm -cpu "$host" -S -display none -monitor none \
		-net none </dev/null >"$work/log" 2>&1 || tried=$?
	[ $tried = 124 ]
}
accel=${VM_ACCEL:-$(kvm_works && echo kvm || echo tcg)}
# TCG has threads of a core with the CPUs of one vendor alone (qemu 7.2).
case $accel in
kvm)	cpu=$host ;;
*)	cpu=max,vendor=GenuineIntel accel=tcg,thread=multi ;;
esac
echo "check-vm: 16 CPUs by $accel"
node=memory-backend-ram,size=1G
TMPDIR=$work timeout -k 5 "$limit_s" $qemu -machine q35 -accel "$accel" -cpu "$cpu" \
	-smp 16,sockets=2,cores=4,threads=2 -m 2G \
	-object $node,id=m0 -numa node,nodeid=0,memdev=m0,cpus=0-7 \
	-object $node,id=m1 -numa node,nodeid=1,memdev=m1,cpus=8-15 \
	-kernel "$vm/vmlinuz" -initrd "$vm/initrd" -append "console=ttyS0 panic=-1 quiet \
loglevel=4 mitigations=off systemd.show_status=0 net.ifnames=0 tsc=reliable nowatchdog" \
	-drive "file=$vm/root.ext4,if=virtio,format=raw,snapshot=on" \
	-drive "file=$work/tree.ext4,if=virtio,format=raw,readonly=on" \
	-display none -monitor none -net none -no-reboot \
	-serial "file:$vm/console" -serial stdio </dev/null 2>"$work/log" |
	sed -u 's/\r//g' | tee "$vm/said"
status=$(sed -n 's/^check-vm: status \([0-9]*\)$/\1/p' "$vm/said")
[ -n "$status" ] || {
	tail -n 5 "$work/log" "$vm/console" >&2
	fail "the machine ended, or was ended after $limit_s s, without a result; see $vm/console"
}
now=$(date +%s)
echo "check-vm: $((now - made)) s; the image before that: $((made - began)) s"
exit "$status"
