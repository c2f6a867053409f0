/* SPDX-License-Identifier: MIT */
/*
 * Looks like a Python, by what it exports; with FREE, like one with free threads. It sets a number
 * of OpenMP, and prints how often it was asked for a step between two bytecodes.
 */
/* link: -fopenmp -rdynamic */
#include <omp.h>
#include <stdio.h>

static int asked;

int Py_AddPendingCall(int (*call)(void *), void *arg);
int Py_IsInitialized(void);
void _Py_DecRefShared(void *object);

int Py_AddPendingCall(int (*call)(void *), void *arg)
{
	asked += call && !arg;
	return 0;
}

int Py_IsInitialized(void)
{
	return 1;
}

#ifdef FREE
void _Py_DecRefShared(void *object)
{
	asked += object != NULL;
}
#endif

int main(void)
{
	omp_set_num_threads(2);
	printf("asked %d, threads %d\n", asked, omp_get_max_threads());
	return 0;
}
