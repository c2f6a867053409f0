#!/bin/sh
# SPDX-License-Identifier: MIT
# However a program comes to a function of BLAS, it comes by us: where the library shows nothing but
# what it publishes, and the program had its address before we were there, or by another way.
. "$(dirname "$0")/../lib.sh"
use wheel
export NUMPY_MADVISE_HUGEPAGE=0
here=$("$wheels" -c 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))')
mkdir "$work/closed"
cp -r "$here/numpy" "$here/numpy.libs" "$work/closed"
library=$(echo "$work/closed/numpy.libs/"libscipy_openblas*)
linked=$(echo "$here/numpy.libs/"libscipy_openblas*) # ld reads what the other has not any more
"$wheels" "$root/tests/probe/close.py" "$library"
LD_LIBRARY_PATH=$(dirname "$library")
export LD_LIBRARY_PATH

# came COMMAND...: what it says, and what the gate that it came by does, if it came by one.
came()
{
	RATION_DEBUG=1 on_cpus 6 6 "$@" 2>&1 | sed -n '/^ration/!p; s/.*\(share 6, was 0\).*/\1/p'
}
gated="share 6, was 0
right"

is "$(came "$probe/reached" open "$library" scipy_cblas_dgemm64_)" "$gated" "looked up"
is "$(came "$probe/reached" again "$library" scipy_cblas_dgemm64_)" "$gated
right
right" "closed, and opened again"
is "$(came "$probe/reached" other "$library" scipy_cblas_dgemm64_)" "right" \
	"in a namespace of its own, where we are not: as it is without us"

# Bound together with the library, before its constructor runs: in data, and in data that is
# read-only from then on.
cat >"$work/user.c" <<'END'
void scipy_cblas_dgemm64_(void);
void (*free_pointer)(void) = scipy_cblas_dgemm64_;
void (*const fixed_pointer)(void) = scipy_cblas_dgemm64_;
END
"${CC:-cc}" -shared -fPIC -Wl,-z,relro -o "$work/user.so" "$work/user.c" "$linked"
for pointer in free_pointer fixed_pointer; do
	is "$(came "$probe/reached" pointer "$work/user.so" $pointer)" "$gated" \
		"by $pointer of another library"
done

# A program that is linked with it, with lazy slots and with none.
cat >"$work/program.c" <<'END'
#include <stdint.h>
#include <stdio.h>
void scipy_cblas_dgemm64_(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, double,
		const double *, int64_t, const double *, int64_t, double, double *, int64_t);
int main(void)
{
	static double a[40000], c[40000];
	a[0] = 2;
	scipy_cblas_dgemm64_(102, 111, 111, 200, 200, 200, 1, a, 200, a, 200, 0, c, 200);
	puts(c[0] == 4 ? "right" : "wrong");
	return 0;
}
END
for bound in lazy now; do
	for as in pie no-pie; do
		"${CC:-cc}" -$as -Wl,-z,$bound -o "$work/program" "$work/program.c" "$linked"
		is "$(came "$work/program")" "$gated" "a program linked with it, $bound, $as"
	done
done

# What Cython modules and numba go by: addresses that scipy hands out. They lead into a library of
# its own that calls the other: scipy's, which imports its private names itself and shows them.
unset LD_LIBRARY_PATH
cat >"$work/cython.py" <<'END'
import ctypes, numpy as np
from scipy.linalg import cython_blas
capsule = cython_blas.__pyx_capi__["dgemm"]
api = ctypes.pythonapi
api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
at = api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))
call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)(at)
size, one, zero = ctypes.c_int(200), ctypes.c_double(1), ctypes.c_double(0)
a, b, c = np.random.rand(200, 200), np.eye(200), np.zeros((200, 200))
print("begin", flush=True)
n, name = ctypes.byref(size), ctypes.c_char_p(b"N")
call(name, name, n, n, n, ctypes.byref(one), a.ctypes.data, n, b.ctypes.data, n,
     ctypes.byref(zero), c.ctypes.data, n)
print("right" if np.allclose(a, c) else "wrong")
END
is "$(RATION_DEBUG=1 on_cpus 6 6 "$python" "$work/cython.py" 2>&1 |
	sed -n '/^ration/!p; s,.*/\(scipy.libs\)/.*OpenBLAS (pthread),\1,p')" \
	"scipy.libs, every call, and inside
begin
right" "addresses that scipy hands out"
# What the library calls itself goes to whoever had it without us: a function of the same name that
# stands before it.
cat >"$work/norm.c" <<'END'
#include <stdio.h>
static long calls;
double dnrm2_(const int *n, const double *x, const int *step)
{
	double sum = 0;

	calls++;
	for (int i = 0; i < *n; i++)
		sum += x[i * *step] * x[i * *step];
	return __builtin_sqrt(sum);
}
__attribute__((destructor)) static void tell(void)
{
	printf("%ld norms\n", calls);
}
END
"${CC:-cc}" -O1 -shared -fPIC -o "$work/norm.so" "$work/norm.c" -lm
debian_blas=$(find /usr/lib/*/openblas-pthread/libopenblas.so.0)
norms=$(LD_PRELOAD=$work/norm.so "$probe/calls" "$debian_blas" 20 eigen)
at_least "${norms% *}" 20 "without us LAPACK calls another's function $norms"
is "$(ration -n 2 env LD_PRELOAD="$shim:$work/norm.so" "$probe/calls" "$debian_blas" 20 eigen)" \
	"$norms" "and with us as often"
done_testing
