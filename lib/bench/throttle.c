// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of thermal throttling, see throttle.h.
 *
 * Method: the sum over all CPUs.  CPUs of a package or a core repeat its
 * number, so the sum says that it happened, not how often.
 *
 * It cannot tell a frequency that a governor or a power limit has chosen.
 */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/throttle.h"
#include "host/host.h"

static uint64_t sum_of(const char *counter)
{
	uint64_t value, sum = 0;
	char pattern[PATH_MAX];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern),
		 "%s/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/%s",
		 host_root(), counter);
	if (!glob(pattern, GLOB_NOSORT, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++)
			if (!host_read_u64(found.gl_pathv[i] +
					   strlen(host_root()), &value))
				sum += value;
	}
	globfree(&found);
	return sum;
}

uint64_t throttle_count(void)
{
	return sum_of("core_throttle_count") +
	       sum_of("package_throttle_count");
}

void throttle_judge(struct rec *r, uint64_t before)
{
	if (throttle_count() > before)
		rec_invalid(r, "the CPU overheated and was slowed down during the case; improve its cooling and run again");
}
