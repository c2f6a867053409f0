#!/bin/sh
# SPDX-License-Identifier: MIT
# The wheel in a fresh Debian 12 without libconfuse, installed by a user who is not root.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/package/lib.sh
. "$root/tests/package/lib.sh"

rm -f "$build"/ration-*.whl
returns 0 "make wheel" make -s -C "$root" BUILD="$build" wheel
wheel=$(cd "$build" && ls ration-*.whl)
like "$wheel" '^ration-[0-9.]+-py3-none-manylinux_2_[0-9]+_x86_64\.whl$' "its tag names a glibc"
first=$(sha256sum <"$build/$wheel")
make -s -C "$root" BUILD="$build" wheel >/dev/null 2>&1
is "$(sha256sum <"$build/$wheel")" "$first" "built again, it is the same"

# shellcheck disable=SC2086 # words
fresh wheel python $with_python
there=$work/wheel
is "$(inside "$there" 'ls /usr/lib/*/libconfuse* 2>/dev/null')" "" "no libconfuse there"
inside "$there" 'useradd -m -d /var/guest guest'
cp "$build/$wheel" "$root/demo/pool_6x6.py" "$there/var/guest/"
as_guest()
{
	inside "$there" "su - guest -c '$1'"
}
is "$(as_guest "python3 -m venv --system-site-packages v && find v ! -type d | sort >before
	v/bin/pip -q install --no-index ./$wheel; echo \$?")" 0 "pip install, by a user"
is "$(as_guest "v/bin/ration --version; v/bin/rationctl --version")" \
	"ration $(sed -n 's/^VERSION *= *//p' "$root/Makefile")
rationctl $(sed -n 's/^VERSION *= *//p' "$root/Makefile")" "both programs run"
is "$(as_guest 'for f in v/bin/ration v/bin/rationctl v/lib/ration/libration.so; do ldd $f; done' |
	sed -n 's/ (0x.*//; s/.* => //; s/^[ \t]*//p' | sort -u)" "/lib/x86_64-linux-gnu/libc.so.6
/lib64/ld-linux-x86-64.so.2
linux-vdso.so.1" "they need glibc alone"
is "$(as_guest 'v/bin/ration sh -c "echo \$LD_PRELOAD"')" /var/guest/v/lib/ration/libration.so \
	"ration finds the shim of its environment"
is "$(as_guest '. v/bin/activate; ration -n 1 nproc')" 1 "and it works"
is "$(as_guest 'ln -s ../v/bin/ration r; ln -s /var/guest/v/bin/ration q; ./q -n 1 nproc')" 1 \
	"through a link, as pipx makes them"
is "$(sealed "$there" /var/guest/v/lib/ration/libration.so)" "9
1" "the library is ignored if it is cut off"
demo=$(as_guest "$small v/bin/ration -n 2 --report=report v/bin/python pool_6x6.py; cat report")
like "$demo" '12 matrices of 300 x 300 in [0-9.]+ s, error' "the demo's results are right"
like "$demo" 'budget +2 of' "its budget"
like "$demo" 'asked for 6, given at most [12], in one process' "asked for 6, given no more than 2"
is "$(as_guest 'v/bin/pip -q uninstall -y ration; find v ! -type d ! -name "*.pyc" | sort |
	comm -13 before - | grep -v pyc')" "" "pip uninstall leaves no file"
done_testing
