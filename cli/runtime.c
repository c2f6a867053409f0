/* SPDX-License-Identifier: MIT */
#include "cli/runtime.h"

const char *runtime_name(int index)
{
	static const char *const names[RUNTIMES] = {
		"OpenBLAS", "OpenBLAS-OpenMP",       "libgomp", "libomp", "MKL", "BLIS",
		"TBB",      "OpenBLAS-at-load-only",
	};

	return names[index];
}
