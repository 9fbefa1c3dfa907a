// SPDX-License-Identifier: GPL-2.0-only
/* The rate of the TSC and the price of a time stamp, see timing.h. */
#include <errno.h>
#include <stdlib.h>

#include "timing.h"

static double known_ns_per_tsc;

void timing_set_tsc_khz(uint64_t khz)
{
	known_ns_per_tsc = 1e6 / khz;
}

double timing_ns_per_tsc(void)
{
	/* 20 ms: 5 to 100 would do; the error is two clock reads in that. */
	const uint64_t window_ns = 20000000;
	uint64_t start_ns, start_tsc, now_ns;

	if (known_ns_per_tsc)
		return known_ns_per_tsc;
	start_ns = timing_now_ns();
	start_tsc = timing_tsc();
	do
		now_ns = timing_now_ns();
	while (now_ns - start_ns < window_ns);
	known_ns_per_tsc = (double)(now_ns - start_ns) /
			   (timing_tsc() - start_tsc);
	return known_ns_per_tsc;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

double timing_self_cost_ns(void)
{
	enum { ROUNDS = 31, CALLS = 64 };
	uint64_t took[ROUNDS], start;
	unsigned int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = timing_now_ns();
		for (j = 0; j < CALLS; j++)
			timing_now_ns();
		took[i] = timing_now_ns() - start;
	}
	qsort(took, ROUNDS, sizeof(*took), compare_u64);
	return (double)took[ROUNDS / 2] / (CALLS + 1);
}

void timing_sleep_ns(uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = ns / 1000000000,
		.tv_nsec = ns % 1000000000,
	};

	while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
		;
}
