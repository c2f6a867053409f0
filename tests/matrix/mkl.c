/* SPDX-License-Identifier: MIT */
/* A C program on MKL's single library: dgemm and dgetrf, its threading layer by its variable. */
#include "guest.h"

enum { N = 420 };

void dgemm_(const char *, const char *, const int *, const int *, const int *, const double *,
	    const double *, const int *, const double *, const int *, const double *, double *,
	    const int *);
void dgetrf_(const int *, const int *, double *, const int *, int *, int *);
void MKL_Set_Num_Threads(int threads);

static void ask_for(int threads)
{
	MKL_Set_Num_Threads(threads);
}

static void fill(double *a)
{
	for (int i = 0; i < N * N; i++)
		a[i] = (i * 7919 % 1009) / 1009.0 + (i % (N + 1) == 0 ? 20 : 0);
}

static size_t compute(double *values)
{
	const double one = 1, zero = 0;
	const int n = N;
	size_t size = (size_t)N * N, used = 0;
	double *a = aligned(size), *b = aligned(size);
	double *c = aligned(size);
	int *pivots = (int *)malloc(N * sizeof *pivots), info = 1;

	fill(a);
	fill(b);
	dgemm_("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
	dgetrf_(&n, &n, a, &n, pivots, &info);
	for (size_t i = 0; i < size; i += 17) {
		values[used++] = a[i];
		values[used++] = c[i];
	}
	for (int i = 0; i < N; i++)
		values[used++] = pivots[i];
	values[used++] = info;
	free(a);
	free(b);
	free(c);
	free(pivots);
	return used;
}
