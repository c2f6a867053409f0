#!/bin/sh
# SPDX-License-Identifier: MIT
# What we say of a library is what is seen of it from outside: of one that we say is held at every
# call, two workers share the cores; where we say that it was told at load only, they do not.
. "$(dirname "$0")/../lib.sh"
here=$("$wheels" -c 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))')
for how in closed shut; do
	mkdir "$work/$how"
	cp -r "$here/numpy" "$here/numpy.libs" "$work/$how"
done
"$wheels" "$root/tests/probe/close.py" "$work/closed/numpy.libs/"libscipy_openblas*
"$wheels" "$root/tests/probe/close.py" "$work/shut/numpy.libs/"libscipy_openblas* shut

cat >"$work/asks.py" <<'END'
import json, os, subprocess, sys, numpy
def ask(*what):
    command = [sys.argv[1], *what]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
a = numpy.random.rand(200, 200)
a @ a
[row] = [r for r in json.loads(ask("status", "--json"))["rows"] if r["pid"] == os.getpid()]
print("status:", *row["runtimes"])
[first, *lines] = ask("why", str(os.getpid())).splitlines()
print("why:", "whatever its share" if "whatever its share is" in first else "its share",
      *(line.split("is held ")[1] for line in lines if line.startswith("library ")))
END

# held MODULES: what doctor says of it, the report, status and why do, and what two workers have of
# six.
held()
{
	PYTHONPATH=$1:$root/tests/probe
	"$build/rationctl" doctor -- "$wheels" -c 'import numpy, time; time.sleep(0.5)' |
		sed -n 's/^OpenBLAS *\(.*[^ ]\)  *\/.*/doctor: \1/p'
	RATION_DEBUG=1 ration -v "$wheels" -c 'import numpy' 2>&1 |
		sed -n 's/.*OpenBLAS (pthread), /debug: /p; s/^  runtimes *\(.*\)/report: \1/p'
	on_cpus 6 6 "$wheels" "$work/asks.py" "$build/rationctl"
	on_cpus 6 6 "$wheels" "$root/tests/probe/shared.py" fork ctypes 2 | sed -n '1s/^/seen: /p'
}
export PYTHONPATH
# NumPy's of 2.5.3 and later does not show them.
inside=$(nm -D "$here/numpy.libs/"libscipy_openblas* |
	sed -n 's/.* blas_cpu_number$/, and inside/p')
is "$(held "$root/tests/probe")" "doctor: every call$inside
debug: every call$inside
report: OpenBLAS
status: OpenBLAS
why: its share
seen: 3 3" "a wheel as it comes"
is "$(held "$work/closed")" "doctor: every call
debug: every call
report: OpenBLAS
status: OpenBLAS
why: its share
seen: 3 3" "one that shows what it publishes"
is "$(held "$work/shut")" "doctor: at load only
debug: at load only
report: OpenBLAS-at-load-only
status: OpenBLAS-at-load-only
why: whatever its share at load only
seen: 6 6" "one that shows nothing that can be told"

# Debian's interfaces are other libraries than the one that computes.
use pthread
is "$("$build/rationctl" doctor -- "$python" -c 'import numpy, time; time.sleep(0.5)' |
	sed -n 's,^OpenBLAS *\(.*[^ ]\)  */.*/\([^/]*\)$,\1 \2,p' | sort)" \
	"every call, and inside libblas.so.3
every call, and inside liblapack.so.3
every call, and inside $(basename "$(readlink -f "$blas_pthread/libopenblas.so.0")")" \
	"and the libraries that lead there"

# BLIS, as its library shows its functions, and as Debian offers it by the name of any BLAS.
cat >"$work/blis.c" <<'END'
#include <stdlib.h>
static long threads;
long bli_thread_get_num_threads(void) { return threads; }
void bli_thread_set_num_threads(long many) { threads = many; }
void bli_rntm_init_from_global(void *rntm) { (void)rntm; }
void __attribute__((visibility("default"))) dgemm_(void) { }
static void __attribute__((constructor)) begin(void)
{
	threads = getenv("BLIS_NUM_THREADS") && getenv("BLIS_NT") ? 2 : 1;
}
END
blis()
{
	"${CC:-cc}" -shared -fPIC "-fvisibility=$1" -o "$work/libblis.so.4" "$work/blis.c"
	"$build/rationctl" doctor -- "$python" -c "import ctypes, time
library = ctypes.CDLL('$work/libblis.so.4')
time.sleep(0.5)" | sed -n 's/^BLIS *\(.*[^ ]\)  *\/.*/\1/p'
}
is "$(blis default)" "every call" "BLIS that shows its functions"
is "$(blis hidden)" "at load only" "BLIS that hides them"
done_testing
