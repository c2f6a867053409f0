/* SPDX-License-Identifier: MIT */
/* cli/scope.h: the quota of so many cores. */
#include "cli/scope.h"

#include "core/cpus.h"
#include "tests/unit/unit.h"

/* At most a twentieth more than the cores; and who reads the quota is told the cores. */
START_TEST(a_little_more_than_the_cores)
{
	for (int cores = 1; cores < 2000; cores++) {
		UNIT_MUST(scope_pct(cores) > cores * 100, "%d", cores);
		UNIT_MUST(scope_pct(cores) <= cores * 105, "%d", cores);
		UNIT_MUST(cpus_of_quota(scope_pct(cores), 100) == cores, "%d", cores);
	}
}
END_TEST

START_TEST(a_burst_is_no_more_than_any_quota)
{
	ck_assert_int_le(SCOPE_BURST_US, scope_pct(1) * 1000); /* the kernel would refuse it */
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_little_more_than_the_cores,
		a_burst_is_no_more_than_any_quota,
	};

	return unit_run("scope", tests, UNIT_COUNT(tests));
}
