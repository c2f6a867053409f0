/* SPDX-License-Identifier: MIT */
/*
 * What a function of BLAS or LAPACK is, by its name. Which names are put together how is read off
 * the setter, which every OpenBLAS publishes (0.2 to 0.3.34). Those that never come to a thread
 * are left alone: programs call some of them millions of times.
 */
#define _GNU_SOURCE
#include "shim/blas.h"

#include "shim/call.h"

#include <stdio.h>
#include <string.h>

static const char setter[] = "openblas_set_num_threads";

struct search {
	const char *prefix, *suffix; /* of the name found last */
	int prefix_length;
};

/* The shortest end: the others are Fortran's, and of the one that answers what was set before. */
static void try_name(const char *name, struct search *best)
{
	const char *at = strstr(name, setter), *suffix;

	if (!at)
		return;
	suffix = at + sizeof setter - 1;
	if (best->suffix && strlen(best->suffix) <= strlen(suffix))
		return;
	*best = (struct search){ name, suffix, (int)(at - name) };
}

bool blas_style_of(const struct elf *elf, struct blas_style *style)
{
	size_t count = elf_symbol_count(elf);
	struct search best = { 0 };

	for (size_t i = 0; i < count; i++)
		if (elf->symbols[i].st_shndx != SHN_UNDEF)
			try_name(elf->strings + elf->symbols[i].st_name, &best);
	if (!best.suffix || best.prefix_length >= (int)sizeof style->prefix
	    || strlen(best.suffix) >= sizeof style->suffix)
		return false;
	snprintf(style->prefix, sizeof style->prefix, "%.*s", best.prefix_length, best.prefix);
	snprintf(style->suffix, sizeof style->suffix, "%s", best.suffix);
	return true;
}

/* Whether the word of that length is among the words, each between two spaces. */
static bool is_among(const char *words, const char *word, size_t length)
{
	for (const char *at = words; (at = memmem(at, strlen(at), word, length)); at++)
		if (at > words && at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

/*
 * Each of these chooses its number once, for as long as it lasts (OpenBLAS 0.3.20 to 0.3.34).
 * Those of the first list are one product, under OpenBLAS's lock of level 3, if they have threads
 * (that of syrk came between 0.3.21 and 0.3.31; trsm, trmm and syr2k have none); those of the last
 * have some from 10 000 numbers on, which LAPACK's own vectors seldom have.
 */
static const char products[] = " gemm gemm3m symm hemm symm3m hemm3m ";
static const char deciding[] =
	" syrk herk syr2k her2k trmm trsm gemmt gemmtr"
	" gemv gbmv hemv hbmv hpmv symv sbmv spmv trmv tbmv tpmv trsv tbsv tpsv ger geru gerc her"
	" hpr her2 hpr2 syr spr syr2 spr2 gemm_batch gemm_batch_strided omatcopy imatcopy omatadd"
	" geadd gesv getrf getrs getf2 potrf potf2 potri potrs lauum lauu2 trtri trti2 trtrs laswp"
	" larf ";
static const char vectors[] =
	" axpy axpby axpyc scal swap copy dot dotu dotc dotu_sub dotc_sub sdot dsdot rot asum amax"
	" amin sum nrm2 max min ";

/* And those that do not come to any thread: arithmetic, questions, errors. */
static const char alone[] =
	" rotg rotm rotmg cabs1 lamch lamc3 isnan laisnan labad ladiv lapy2 lapy3 las2 lasv2 lartg"
	" lae2 laev2 lanv2 lamrg lassq roundup_lwork secnd ";

static bool is_type(char c)
{
	return c == 's' || c == 'd' || c == 'c' || c == 'z';
}

/* base is the name of a function with its types: dgemm, zdscal, scnrm2, idamax, ilaenv. */
static int kind_of(const char *base, size_t length)
{
	size_t at = 0;

	while (at < 3 && at < length && (is_type(base[at]) || base[at] == 'i')) {
		at++;
		if (is_among(products, base + at, length - at))
			return CALL_DECIDES | CALL_TURNS;
		if (is_among(deciding, base + at, length - at))
			return CALL_DECIDES;
		if (is_among(vectors, base + at, length - at))
			return CALL_DECIDES | CALL_VECTOR;
		if (is_among(alone, base + at, length - at))
			return 0;
	}
	return length > 3 && is_type(base[0]) ? CALL_WIDE : 0;
}

/* Of LAPACKE, where it does no more than look at a matrix, or lay it out anew. */
static bool is_plain(const char *base, size_t length)
{
	return !is_type(base[0]) || memmem(base, length, "nancheck", 8)
	       || (length > 6 && !memcmp(base + length - 6, "_trans", 6));
}

int blas_call_kind(const char *name, const struct blas_style *style)
{
	size_t prefix = strlen(style->prefix), suffix = strlen(style->suffix), length;

	if (strncmp(name, style->prefix, prefix) != 0)
		return 0;
	name += prefix;
	length = strlen(name);
	if (length < suffix || strcmp(name + length - suffix, style->suffix) != 0)
		return 0;
	length -= suffix;
	if (!strncmp(name, "cblas_", 6))
		return kind_of(name + 6, length - 6) & ~CALL_WIDE;
	if (!strncmp(name, "LAPACKE_", 8))
		return is_plain(name + 8, length - 8) ? 0 : CALL_WIDE;
	if (length < 3 || name[length - 1] != '_')
		return 0;
	return kind_of(name, length - 1);
}
