/* SPDX-License-Identifier: MIT */
/* A C program on BLIS, by its own functions and by those of BLAS. Without a variable BLIS has one
 * thread. */
#include "guest.h"

enum { N = 420 };

/* From blis.h of 0.9; the library comes without it. */
void bli_thread_set_num_threads(long threads);
void dgemm_(const char *, const char *, const int *, const int *, const int *, const double *,
	    const double *, const int *, const double *, const int *, const double *, double *,
	    const int *);
void bli_dgemm(int transa, int transb, long m, long n, long k, const double *alpha, const double *a,
	       long rsa, long csa, const double *b, long rsb, long csb, const double *beta,
	       double *c, long rsc, long csc);

static void ask_for(int threads)
{
	bli_thread_set_num_threads(threads);
}

static size_t compute(double *values)
{
	const double one = 1, zero = 0;
	const int n = N;
	size_t size = (size_t)N * N, used = 0;
	double *a = aligned(size), *c = aligned(size);
	double *d = aligned(size);

	for (size_t i = 0; i < size; i++)
		a[i] = (double)(i * 7919 % 1009) / 1009;
	dgemm_("N", "N", &n, &n, &n, &one, a, &n, a, &n, &zero, c, &n);
	bli_dgemm(0, 0, N, N, N, &one, a, 1, N, c, 1, N, &zero, d, 1, N);
	for (size_t i = 0; i < size; i += 17) {
		values[used++] = c[i];
		values[used++] = d[i];
	}
	free(a);
	free(c);
	free(d);
	return used;
}
