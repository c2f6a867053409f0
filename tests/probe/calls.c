/* SPDX-License-Identifier: MIT */
/*
 * calls LIBRARY COUNT [within | eigen]: so many products of two matrices of 8 x 8 with an OpenBLAS,
 * and nothing else, for whoever counts instructions; or all of them within a call of LAPACK, which
 * asks for each of eight eigenvalues whether it is wanted; or so many calls of that.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 8, WORK = 256 };

static void (*dgemm)(int order, int transa, int transb, int64_t m, int64_t n, int64_t k,
		     double alpha, const double *a, int64_t lda, const double *b, int64_t ldb,
		     double beta, double *c, int64_t ldc);
static void (*dgees)(const char *vectors, const char *sort, int64_t (*select)(double *, double *),
		     const int64_t *n, double *a, const int64_t *lda, int64_t *count, double *real,
		     double *imaginary, double *v, const int64_t *ldv, double *work,
		     const int64_t *size, int64_t *logical, int64_t *info, size_t length,
		     size_t other_length);
static double a[SIZE * SIZE], c[SIZE * SIZE];
static int count;

static void multiply(int times)
{
	for (int i = 0; i < times; i++)
		dgemm(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, a, SIZE, 0, c, SIZE);
}

static int64_t is_wanted(double *real, double *imaginary)
{
	multiply(count / SIZE);
	return *real > *imaginary;
}

/* The eigenvalues of what is diagonal, or of what is not. */
static int decompose(const char *sort, double beside)
{
	static double b[SIZE * SIZE], real[SIZE], imaginary[SIZE], work[WORK];
	int64_t n = SIZE, one = 1, size = WORK, wanted, logical[SIZE], info = 1;

	for (int i = 0; i < SIZE * SIZE; i++)
		b[i] = i % (SIZE + 1) ? beside / (1 + i) : i + 1;
	dgees("N", sort, is_wanted, &n, b, &n, &wanted, real, imaginary, c, &one, work, &size,
	      logical, &info, 1, 1);
	return info != 0;
}

/* Bound when it is first called, as where a program is linked to it; ILP64 or not: by address. */
static void *find(void *library, const char *name, const char *plain)
{
	void *found = dlsym(library, name);

	return found ? found : dlsym(library, plain);
}

int main(int argc, char **argv)
{
	void *library = argc >= 3 ? dlopen(argv[1], RTLD_LAZY) : NULL;

	*(void **)&dgemm = library ? find(library, "scipy_cblas_dgemm64_", "cblas_dgemm") : NULL;
	*(void **)&dgees = library ? find(library, "scipy_dgees_64_", "dgees_") : NULL;
	if (!dgemm || !dgees) {
		fprintf(stderr, "calls: %s\n", dlerror());
		return 1;
	}
	count = atoi(argv[2]);
	if (argc > 3 && !strcmp(argv[3], "within"))
		return decompose("S", 0);
	if (argc <= 3)
		multiply(count);
	else
		while (count-- > 0)
			if (decompose("N", 1) != 0)
				return 1;
	return 0;
}
