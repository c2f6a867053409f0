/* SPDX-License-Identifier: MIT */
/*
 * reached HOW LIBRARY NAME: a product by the cblas_dgemm that goes by NAME there, and whether it is
 * right. HOW: open; again (closed in between); other (in a namespace of its own); or NAME is a
 * pointer in data of a library that is linked with it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = 200 };
static double a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];

/* Its integers are in registers, or have a word each: of 32 bits or of 64, as it likes. */
typedef void product(int64_t order, int64_t transa, int64_t transb, int64_t m, int64_t n, int64_t k,
		     double alpha, const double *a, int64_t lda, const double *b, int64_t ldb,
		     double beta, double *c, int64_t ldc);

int main(int argc, char **argv)
{
	const char *how = argc > 3 ? argv[1] : "";
	long space = !strcmp(how, "other") ? LM_ID_NEWLM : LM_ID_BASE;

	for (int i = 0; i < SIZE * SIZE; i++) {
		a[i] = i % 7;
		b[i] = i % (SIZE + 1) == 0; /* one */
	}
	for (int turn = 0; how[0] && turn < (strcmp(how, "again") ? 1 : 3); turn++) {
		void *library = dlmopen(space, argv[2], RTLD_NOW);
		void *found = library ? dlsym(library, argv[3]) : NULL;
		product *call;

		if (!found)
			return puts(dlerror()), 1;
		*(void **)&call = !strcmp(how, "pointer") ? *(void **)found : found;
		memset(c, 0, sizeof c);
		call(102, 111, 111, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0, c, SIZE);
		puts(memcmp(a, c, sizeof a) ? "wrong" : "right");
		dlclose(library);
	}
	return 0;
}
