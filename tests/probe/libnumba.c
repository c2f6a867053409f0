/* SPDX-License-Identifier: MIT */
/* What a layer of numba carries: a count of threads, -1 before it was launched. */
int get_count(void);
void set_count(int threads);

static int count = -1;

int get_count(void)
{
	return count;
}

void set_count(int threads)
{
	count = threads;
}
