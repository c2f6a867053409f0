/* SPDX-License-Identifier: MIT */
/*
 * calls LIBRARY COUNT: so many products of two matrices of 8 x 8 with the OpenBLAS of a numpy 2
 * wheel, and nothing else, for whoever counts instructions.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 8 };

int main(int argc, char **argv)
{
	void (*dgemm)(int order, int transa, int transb, int64_t m, int64_t n, int64_t k,
		      double alpha, const double *a, int64_t lda, const double *b, int64_t ldb,
		      double beta, double *c, int64_t ldc);
	double a[SIZE * SIZE] = { 0 }, c[SIZE * SIZE];
	void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;

	*(void **)&dgemm = library ? dlsym(library, "scipy_cblas_dgemm64_") : NULL;
	if (!dgemm) {
		fprintf(stderr, "calls: %s\n", dlerror());
		return 1;
	}
	for (int i = atoi(argv[2]); i > 0; i--)
		dgemm(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, a, SIZE, 0, c, SIZE);
	return 0;
}
