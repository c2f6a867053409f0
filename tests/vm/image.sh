#!/bin/sh
# SPDX-License-Identifier: MIT
# image.sh DIR: a Debian 12 to boot in qemu, made once: DIR/vmlinuz, DIR/initrd, DIR/root.ext4, and
# DIR/.made, which names what they were made by; a change of this file makes them anew. Root or,
# with uidmap's unprivileged namespaces, anybody; nothing of the machine at hand is changed.
set -eu
dir=$1
packages=systemd-sysv,dbus,dbus-user-session,libpam-systemd,udev,kmod,perl,procps,sudo,\
busybox-static,util-linux-extra,numactl,hwloc-nox,openmpi-bin,stress-ng,libconfuse2,\
python3-numpy,libopenblas0-pthread,libopenblas0-openmp,libgomp1,libsubunit0,strace
kernel=linux-image-cloud-amd64
# The kernel has the disk's driver as modules. In an order in which each finds what it needs.
modules='virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk
	crc32c_generic libcrc32c crc16 mbcache jbd2 ext4'

made=$(cksum <"$0")
[ "$(cat "$dir/.made" 2>/dev/null)" != "$made" ] || exit 0
for tool in mmdebstrap mke2fs cpio; do
	command -v $tool >/dev/null || {
		echo "check-vm: no $tool here (sh tests/deps.sh vm)" >&2
		exit 1
	}
done
echo "check-vm: making $dir, once: a minute or two" >&2
rm -rf "$dir"
mkdir -p "$dir/initrd.root/modules" "$dir/initrd.root/bin"

cat >"$dir/initrd.root/init" <<'END'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /dev /new
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do
	/bin/busybox insmod "/modules/$module"
done </modules/order
tries=0
until [ -b /dev/vda ] || [ $tries = 300 ]; do
	tries=$((tries + 1))
	/bin/busybox sleep 0.1
done
/bin/busybox mount -t ext4 -o noatime /dev/vda /new || /bin/busybox poweroff -f
/bin/busybox mount --move /dev /new/dev
/bin/busybox umount /proc
exec /bin/busybox switch_root /new /sbin/init
END
chmod 755 "$dir/initrd.root/init"

# What is told to mmdebstrap: the root, as it is about to be packed, is in $1.
cat >"$dir/hook" <<'END'
#!/bin/sh
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
root=$1
cd "$root/var/tmp"
package=$(chroot "$root" apt-cache depends "$KERNEL" |
	sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
chroot "$root" sh -c "cd /var/tmp && apt-get -q download $package"
# dpkg-deb -x would put a folder in the place of the link /lib.
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -C "$root" -x --keep-directory-symlink
rm linux-image-*.deb
cp "$root"/boot/vmlinuz-* "$DIR/vmlinuz"
cp "$root/bin/busybox" "$DIR/initrd.root/bin/"
version=$(ls "$root/lib/modules")
for module in $MODULES; do
	file=$(find "$root/lib/modules/$version" -name "$module.ko")
	[ -n "$file" ] || continue # built in
	cp "$file" "$DIR/initrd.root/modules/"
	echo "$module.ko" >>"$DIR/initrd.root/modules/order"
done
chroot "$root" depmod "$version"
rm -rf "$root"/boot/* "$root"/usr/share/doc/* "$root"/usr/share/locale/* \
	"$root"/lib/modules/*/kernel/drivers/net "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
mkdir -p "$root/ration"
echo sixteen >"$root/etc/hostname"
printf '127.0.0.1 localhost sixteen\n' >"$root/etc/hosts"
: >"$root/etc/fstab"
: >"$root/etc/resolv.conf"
chroot "$root" passwd -d root
# What a machine of minutes has no use for.
chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
	fstrim.timer dpkg-db-backup.timer e2scrub_reap.service systemd-timesyncd.service \
	getty@tty1.service serial-getty@ttyS0.service serial-getty@ttyS1.service \
	systemd-random-seed.service systemd-networkd.service
cat >"$root/etc/systemd/system/check-vm.service" <<'UNIT'
[Unit]
Description=What was handed over on the second disk
After=multi-user.target systemd-logind.service dbus.service systemd-user-sessions.service
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh -c 'mount -o ro /dev/vdb /ration && exec sh /ration/tests/vm/inside.sh'
ExecStopPost=/bin/systemctl --force --force poweroff
UNIT
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../check-vm.service "$root/etc/systemd/system/multi-user.target.wants/"
# Bound elsewhere, it has none of the mounts that mmdebstrap needs below it.
mkdir "$DIR/bare"
unshare -m --propagation private sh -c '
	mount --bind "$1" "$2/bare"
	size=$(du -sm "$2/bare" | cut -f1)
	mke2fs -q -t ext4 -O ^has_journal -d "$2/bare" "$2/root.ext4" $((size * 5 / 4 + 300))M
	' sh "$root" "$DIR"
rmdir "$DIR/bare"
END
chmod 755 "$dir/hook"

options=
for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf.d/99*; do
	[ ! -e "$file" ] || options="$options --aptopt=$file"
done
# shellcheck disable=SC2086 # options, and a mirror or the usual ones
DIR=$(cd "$dir" && pwd) KERNEL=$kernel MODULES=$modules mmdebstrap --quiet --variant=minbase \
	--include="$packages" --aptopt='APT::Install-Recommends "false"' $options \
	--customize-hook="$dir/hook \"\$1\"" bookworm /dev/null ${DEBIAN_MIRROR:-} \
	>"$dir/log" 2>&1 || {
	tail -n 8 "$dir/log" >&2
	echo "check-vm: no image; all of it is in $dir/log" >&2
	exit 1
}
(cd "$dir/initrd.root" && find . | cpio --quiet -o -H newc -R 0:0) >"$dir/initrd"
printf '%s\n' "$made" >"$dir/.made"
