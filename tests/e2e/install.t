#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make install` puts where, that it runs from there, and that `make uninstall` leaves nothing.
. "$(dirname "$0")/../lib.sh"

unset MAKEFLAGS MAKELEVEL MFLAGS
house()
{
	make -s -C "$root" BUILD="$build" DESTDIR="$work/root" PREFIX=/usr "$@" 2>&1
}
files()
{
	(cd "$work/root" && find . ! -type d | sed 's,^\./,,' | grep -v /man/ | sort)
}

returns 0 "make install" house install
is "$(files)" "etc/ration.conf
usr/bin/ration
usr/bin/rationctl
usr/lib/ration/lib/i386-linux-gnu
usr/lib/ration/lib/libration.so
usr/lib/ration/lib/x86_64-linux-gnu
usr/lib/ration/lib32
usr/lib/ration/lib64
usr/lib/ration/libration.so
usr/lib/systemd/system/ration-apply.path
usr/lib/systemd/system/ration-apply.service
usr/lib/systemd/system/ration-apply.timer
usr/share/bash-completion/completions/ration
usr/share/bash-completion/completions/rationctl
usr/share/zsh/site-functions/_ration
usr/share/zsh/site-functions/_rationctl" "what is installed, manual pages aside"
if command -v scdoc >/dev/null; then
	is "$(cd "$work/root" && echo usr/share/man/man?/*)" \
		"usr/share/man/man1/ration.1 usr/share/man/man1/rationctl.1 \
usr/share/man/man5/ration.conf.5 usr/share/man/man7/ration.7" "the manual pages"
else
	like "$(house install)" "no manual pages.*make deps" "without scdoc it says so"
fi
installed=$work/root/usr/bin/ration
installed_lib=$work/root/usr/lib/ration
for word in lib64 lib/x86_64-linux-gnu; do
	returns 0 "\$LIB may be $word" cmp "$installed_lib/$word/libration.so" "$shim"
done
for word in lib lib32 lib/i386-linux-gnu; do
	is "$(readelf -h "$installed_lib/$word/libration.so" | awk '/Class/ { print $2 }')" \
		ELF32 "and $word, of 32-bit programs"
done
is "$(LD_PRELOAD="$installed_lib/"'$LIB/libration.so' RATION_CORES=1 nproc 2>&1)" 1 \
	"the loader's word leads to the shim"
is "$("$installed" sh -c 'echo "$LD_PRELOAD"')" "$work/root/usr/lib/ration/libration.so" \
	"the installed ration finds the installed shim"
units=$work/root/usr/lib/systemd/system
is "$(sed -n 's/^ExecStart=//p' "$units/ration-apply.service")" "/usr/bin/rationctl apply" \
	"the unit runs the installed rationctl"
is "$(sed -n 's/^ConditionPathExists=//p' "$units/ration-apply.service")" /etc/ration.table \
	"where somebody has enabled it"
is "$(sed -n 's/^PathChanged=//p' "$units/ration-apply.path")" /etc/ration.conf \
	"when the file changes"
is "$(sed -n 's/^OnUnitActiveSec=//p' "$units/ration-apply.timer")" 5min "and from time to time"
is "$(stat -c %a "$units"/*)" "644
644
644" "readable by all"
version=$(sed -n 's/^VERSION *= *//p' "$root/Makefile")
is "$("$installed" --version)" "ration $version" "its version is the Makefile's"
is "$("$installed" -n 1 nproc)" 1 "and it works there"
is "$("$work/root/usr/bin/rationctl" --version)" "rationctl $version" "rationctl is there too"
echo '# mine' >>"$work/root/etc/ration.conf"
house install >/dev/null
is "$(tail -n 1 "$work/root/etc/ration.conf")" "# mine" "a changed ration.conf is not written over"
house uninstall
is "$(files)" "etc/ration.conf" "nor taken away"
cp "$root/conf/ration.conf" "$work/root/etc/ration.conf"
house install >/dev/null
# What names the library goes first, whoever wrote it; what another installation wrote stays.
echo "/usr/lib/ration/\$LIB/libration.so" >"$work/root/etc/ld.so.preload"
is "$(house uninstall | head -n 1)" "uninstall: ration is enabled in \
$work/root/etc/ld.so.preload: run \"rationctl disable\" first" "make uninstall while enabled"
like "$(files)" "^usr/bin/rationctl$" "leaves rationctl, which helps"
mkdir -p "$work/root/etc/systemd/system/paths.target.wants"
link=$work/root/etc/systemd/system/paths.target.wants/ration-apply.path
ln -s /usr/lib/systemd/system/ration-apply.path "$link"
: >"$work/root/etc/ration.table"
echo "/elsewhere/lib/ration/\$LIB/libration.so" >"$work/root/etc/ld.so.preload"
returns 0 "make uninstall" house uninstall
is "$(files)" "etc/ld.so.preload
etc/ration.table
etc/systemd/system/paths.target.wants/ration-apply.path" "what another one has put in force stays"
house install >/dev/null
rm "$work/root/etc/ld.so.preload"
ln -s /elsewhere/ration-apply.timer "$work/root/etc/systemd/system/paths.target.wants"
returns 0 "make uninstall where nobody has" house uninstall
is "$(files)" "etc/systemd/system/paths.target.wants/ration-apply.timer" \
	"takes the table, and systemd's link to its unit"
rm "$work/root/etc/systemd/system/paths.target.wants/ration-apply.timer"
is "$(find "$work/root" ! -type d)" "" "nothing is left of it"

house install >/dev/null
rm "$work/root/usr/lib/ration/libration.so"
returns 125 "a ration without its shim is our failure" "$installed" true
like "$("$installed" true 2>&1)" 'libration\.so' "and it names what it misses"

# The whole line is to be pasted; with every package here there is nothing to do, for anyone.
is "$(sh "$root/tests/deps.sh" check 2>&1)" "" "make deps with nothing missing does nothing"
cat >"$work/dpkg-query" <<'END'
#!/bin/sh
for package; do :; done
case $package in
check)	[ ! -e "$0.no-check" ] || exit 1 ;;
libomp*) [ ! -e "$0.no-libomp" ] || exit 1 ;;
esac
echo installed
END
cat >"$work/apt-cache" <<'END'
#!/bin/sh
[ "$2" = libomp5 ] || printf '%s:\n  Candidate: 1.0\n' "$2"
END
: >"$work/dpkg-query.no-check"
printf '#!/bin/sh\nexit 1\n' >"$work/sudo"
printf '#!/bin/sh\n[ "$1" = -u ] && echo 1000 || echo users\n' >"$work/id"
chmod +x "$work/dpkg-query" "$work/apt-cache" "$work/sudo" "$work/id"
deps()
{
	PATH=$work:$PATH sh "$root/tests/deps.sh" "$@" 2>&1
}
returns 1 "a plain user with one missing" deps check
is "$(deps check)" "deps: packages are missing; have root run: apt-get update && \
apt-get install -y --no-install-recommends check" "is told in one line what to have installed"
is "$(deps demo)" "" "the demo does without it"
mv "$work/dpkg-query.no-check" "$work/dpkg-query.no-libomp"
is "$(deps check | sed 's/.*recommends //')" libomp5-18 \
	"of several names, the first that apt offers"

# Nothing is compiled where it cannot be.
is "$(house BUILD="$work/none" CC="$work/no-compiler" | sed 's/^[^*]*//')" \
	'*** no compiler or libconfuse here: run "make deps" first.  Stop.' \
	"make without a compiler says what to type"
is "$(PATH=$work/none /bin/sh "$root/packaging/deb.sh" 2>&1)" \
	"deb: dpkg-shlibdeps is not here: apt-get install dpkg-dev" "nor make deb without dpkg-dev"
done_testing
