#!/bin/sh
# SPDX-License-Identifier: MIT
# `make deb`: a Debian package of what `make install` puts in place, by dpkg-dev alone. It enables
# nothing. Called by make, which has set BUILD, VERSION, REVISION, and MAINTAINER.
set -eu

# Without the first of them the package would come without its dependencies.
for tool in dpkg-shlibdeps:dpkg-dev dpkg-deb:dpkg scdoc:scdoc; do
	command -v "${tool%:*}" >/dev/null && continue
	echo "deb: ${tool%:*} is not here: apt-get install ${tool#*:}" >&2
	exit 1
done
cd "$(dirname "$0")/.."
export LC_ALL=C

out=$BUILD/deb
tree=$out/root
arch=$(dpkg --print-architecture)
rm -rf "$tree"
mkdir -p "$tree" "$out/debian"
# The same for the same source, whenever it is built.
SOURCE_DATE_EPOCH=$(stat -c %Y CHANGELOG.md)
export SOURCE_DATE_EPOCH

# What is built for /usr must not meet what was built for another place: a directory of its own.
# mtime alone tells make when to build again, so PREFIX always is the same there.
umask 022
# Stripped by the linker: strip would undo shim/seal.sh.
make --no-print-directory BUILD="$out/build" PREFIX=/usr LDFLAGS=-s DESTDIR="$(realpath "$tree")" \
	install

cd "$out"
tree=root
chmod 644 $tree/etc/ration.conf
chmod 644 $tree/usr/lib/ration/libration.so
find $tree/usr/share/man -type f -exec gzip -9n {} +
mkdir -p $tree/usr/share/zsh
mv $tree/usr/share/zsh/site-functions $tree/usr/share/zsh/vendor-completions

doc=$tree/usr/share/doc/ration
mkdir -p $doc
cp "$SOURCE/README.md" $doc
[ ! -d "$SOURCE/doc" ] || cp "$SOURCE"/doc/*.md $doc
mkdir -p $doc/examples
cp "$SOURCE"/demo/pool_6x6.py "$SOURCE"/demo/pool_6x1.py $doc/examples
gzip -9nc "$SOURCE/CHANGELOG.md" >$doc/changelog.gz
gzip -9nc >$doc/changelog.Debian.gz <<END
ration ($VERSION-$REVISION) unstable; urgency=medium

  * Built from source; see changelog.gz.

 -- $MAINTAINER  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
END
{
	echo 'Format: https''://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
	echo 'Upstream-Name: ration'
	echo
	echo 'Files: *'
	sed -n 's/^Copyright (c) /Copyright: /p' "$SOURCE/LICENSE"
	echo 'License: MIT'
	sed '1,/^Copyright/d; 1,/./{/^$/d}; s/^$/./; s/^/ /' "$SOURCE/LICENSE"
} >$doc/copyright
mkdir -p $tree/usr/share/lintian/overrides
cp "$SOURCE/packaging/deb/lintian-overrides" $tree/usr/share/lintian/overrides/ration
find $tree -type d -exec chmod 755 {} +

mkdir -p $tree/DEBIAN
echo /etc/ration.conf >$tree/DEBIAN/conffiles
install -m 755 "$SOURCE/packaging/deb/prerm" "$SOURCE/packaging/deb/postinst" $tree/DEBIAN
(cd $tree && find usr -type f -print0 | sort -z | xargs -0 md5sum) >$tree/DEBIAN/md5sums
printf 'Source: ration\n\nPackage: ration\nArchitecture: any\n' >debian/control
depends=$(dpkg-shlibdeps -O $tree/usr/bin/* $tree/usr/lib/ration/libration.so |
	sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "deb: dpkg-shlibdeps found no dependencies" >&2; exit 1; }
size=$(du -k -s --apparent-size --exclude=DEBIAN $tree | cut -f1)
sed -e "s/@VERSION@/$VERSION-$REVISION/; s/@ARCH@/$arch/; s/@SIZE@/$size/" \
	-e "s/@DEPENDS@/$depends/; s/@MAINTAINER@/$MAINTAINER/" \
	"$SOURCE/packaging/deb/control.in" >$tree/DEBIAN/control
dpkg-deb --root-owner-group -Zxz --build $tree "ration_$VERSION-${REVISION}_$arch.deb"
