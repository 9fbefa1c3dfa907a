// SPDX-License-Identifier: GPL-2.0-only
/* The rate of the TSC and the price of a time stamp, see timing.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/timing.h"

static double known_ns_per_tsc;

void timing_set_tsc_khz(uint64_t khz)
{
	known_ns_per_tsc = 1e6 / khz;
}

/*
 * The time and the TSC at one moment: the closest pair of some, for a busy
 * machine takes the CPU away between two reads.
 */
static uint64_t now_and_tsc(uint64_t *tsc)
{
	uint64_t before, after, ns, best = UINT64_MAX, best_ns = 0;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		before = timing_tsc();
		ns = timing_now_ns();
		after = timing_tsc();
		if (after - before >= best)
			continue;
		best = after - before;
		best_ns = ns;
		*tsc = before + best / 2;
	}
	return best_ns;
}

double timing_ns_per_tsc(void)
{
	uint64_t start_ns, start_tsc, end_ns, end_tsc;

	if (known_ns_per_tsc)
		return known_ns_per_tsc;
	start_ns = now_and_tsc(&start_tsc);
	/* 50 ms: 5 to 100 would do; the clocks' grain is a millionth of it. */
	timing_sleep_ns(50000000);
	end_ns = now_and_tsc(&end_tsc);
	known_ns_per_tsc = (double)(end_ns - start_ns) / (end_tsc - start_tsc);
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
