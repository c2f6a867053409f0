/* SPDX-License-Identifier: MIT */
/* A C++ program on oneTBB: parallel_for, a deterministic reduction, and a task_group. */
#include "guest.h"

#include <cmath>
#include <memory>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_group.h>

enum { ROWS = 1500, COLUMNS = 300 };

static void ask_for(int threads)
{
	static std::unique_ptr<tbb::global_control> limit;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	if (!limit)
		limit.reset(new tbb::global_control(
			tbb::global_control::max_allowed_parallelism, (size_t)threads));
	pthread_mutex_unlock(&lock);
}

static double row(int i)
{
	double sum = 0;

	for (int j = 1; j <= COLUMNS; j++)
		sum += std::sin(i * 0.001 * j) / j;
	return sum;
}

static size_t compute(double *values)
{
	tbb::task_group group;

	tbb::parallel_for(0, (int)ROWS, [&](int i) { values[i] = row(i); });
	values[ROWS] = tbb::parallel_deterministic_reduce(
		tbb::blocked_range<int>(0, ROWS, 50), 0.0,
		[&](const tbb::blocked_range<int> &part, double sum) {
			for (int i = part.begin(); i != part.end(); i++)
				sum += values[i];
			return sum;
		},
		[](double a, double b) { return a + b; });
	for (int i = 0; i < 32; i++)
		group.run([=] { values[ROWS + 1 + i] = row(i) * row(i + 1); });
	group.wait();
	return ROWS + 33;
}
