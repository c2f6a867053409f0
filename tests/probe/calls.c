/* SPDX-License-Identifier: MIT */
/*
 * calls LIBRARY COUNT [within]: so many products of two matrices of 8 x 8 with the OpenBLAS of a
 * numpy 2 wheel, and nothing else, for whoever counts instructions; or all of them within a call of
 * LAPACK, which asks for each of eight eigenvalues whether it is wanted.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static int multiply_within(void)
{
	static double b[SIZE * SIZE], real[SIZE], imaginary[SIZE], work[WORK];
	int64_t n = SIZE, one = 1, size = WORK, wanted, logical[SIZE], info = 1;

	for (int i = 0; i < SIZE; i++)
		b[i * SIZE + i] = i + 1;
	dgees("N", "S", is_wanted, &n, b, &n, &wanted, real, imaginary, c, &one, work, &size,
	      logical, &info, 1, 1);
	return info != 0;
}

int main(int argc, char **argv)
{
	void *library = argc >= 3 ? dlopen(argv[1], RTLD_NOW) : NULL;

	*(void **)&dgemm = library ? dlsym(library, "scipy_cblas_dgemm64_") : NULL;
	*(void **)&dgees = library ? dlsym(library, "scipy_dgees_64_") : NULL;
	if (!dgemm || !dgees) {
		fprintf(stderr, "calls: %s\n", dlerror());
		return 1;
	}
	count = atoi(argv[2]);
	if (argc > 3)
		return multiply_within();
	multiply(count);
	return 0;
}
