#!/bin/sh
# SPDX-License-Identifier: MIT
# How pools fare on the NumPy of VENV (make bench-newest: the newest), as it comes and with its
# OpenBLAS stripped, against one thread a process by hand: by bench/pools.py, which says what its
# columns are. newest.sh [OPTION]...: options of it, instead of these cases.
set -eu
cd "$(dirname "$0")/.."
export BUILD="${BUILD:-build}" VENV="${VENV:-build/newest}"
if [ $# = 0 ]; then
	set -- -c "inv, Pool(6)" -c "eig 256" -c "eig, ThreadPool" -c phases -c tail
fi
stripped=$(mktemp -d "${TMPDIR:-/tmp}/ration-stripped.XXXXXX")
trap 'rm -rf "$stripped"' EXIT
trap 'exit 1' HUP INT TERM
python=$VENV/bin/python
here=$(dirname "$(dirname "$("$python" -c 'import numpy; print(numpy.__file__)')")")
cp -r "$here/numpy" "$here/numpy.libs" "$stripped"
strip "$stripped/numpy.libs/"libscipy_openblas*
for path in "" "$stripped"; do
	PYTHONPATH=$path "$python" -c 'import numpy, sys
print("NumPy", numpy.__version__, "of Python", sys.version.split()[0])'
	[ -z "$path" ] || echo "stripped"
	PYTHONPATH=$path "$BUILD/rationctl" doctor -- "$python" -c 'import numpy, time
time.sleep(0.3)' | sed -n 's,^OpenBLAS *\(.*[^ ]\)  */.*,doctor: \1,p'
	PYTHONPATH=$path python3 -B bench/pools.py -b wheel -w hand -w with "$@"
done
