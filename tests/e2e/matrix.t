#!/bin/sh
# SPDX-License-Identifier: MIT
# A cross-section of tests/matrix (make matrix runs all of it): programs in pools compute what they
# compute undisturbed, and keep to the budget. Its own wheels are not here: those of venv serve.
. "$(dirname "$0")/../lib.sh"
mkdir -p "$build/tests/matrix"
"${CC:-cc}" -O2 -std=gnu11 -pthread -fopenmp -o "$build/tests/matrix/openmp-gcc" \
	"$root/tests/matrix/openmp.c" -lm
env BUILD="$build" MATRIX="${wheels%/bin/python}" MATRIX_PATH="$runtimes" \
	"$wheels" -B "$root/tests/matrix/matrix.py" --quick
