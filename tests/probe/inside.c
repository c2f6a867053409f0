/* SPDX-License-Identifier: MIT */
/* link: -fopenmp -lopenblas */
/*
 * inside THREADS: products in a region of so many; the most threads that OpenBLAS went about
 * one with, as its own count has it (of OpenBLAS with pthreads).
 */
#include <cblas.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 300, CALLS = 40 };

extern int blas_cpu_number;

int main(int argc, char **argv)
{
	int most = 0;

#pragma omp parallel num_threads(argc > 1 ? atoi(argv[1]) : 1) reduction(max : most)
	{
		double *a = calloc(2 * N * N, sizeof *a);

		for (int i = 0; a && i < CALLS; i++) {
			cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N, a,
				    N, 0, a + N * N, N);
			if (most < blas_cpu_number)
				most = blas_cpu_number;
		}
		free(a);
	}
	printf("%d\n", most);
	return 0;
}
