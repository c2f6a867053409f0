// SPDX-License-Identifier: MIT
// Objects of threads, in a list that whoever begins the team reads; one that ends takes its own out.
#include "tests/fuzz/teams/teams.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace
{
std::mutex lock;
std::vector<int *> list;
int sum;

struct counter {
	int regions = 0;
	counter()
	{
		std::lock_guard<std::mutex> held(lock);
		list.push_back(&regions);
	}
	~counter()
	{
		std::lock_guard<std::mutex> held(lock);
		list.erase(std::remove(list.begin(), list.end(), &regions), list.end());
	}
};

thread_local counter own;
} // namespace

extern "C" void local_begin(void)
{
	/* Those of teams before count no more; in a forked child their threads are not there. */
	list.clear();
#pragma omp parallel
	{
		own.regions = 0;
		std::lock_guard<std::mutex> held(lock);
		if (std::find(list.begin(), list.end(), &own.regions) == list.end())
			list.push_back(&own.regions);
	}
}

extern "C" int local_next(void)
{
#pragma omp parallel
	own.regions++;
	std::lock_guard<std::mutex> held(lock);
	sum = 0;
	for (int *regions : list)
		sum += *regions;
	return sum;
}

extern "C" int local_last(void)
{
	return sum;
}
