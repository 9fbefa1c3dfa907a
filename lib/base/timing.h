/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One clock (CLOCK_MONOTONIC_RAW, ns) and the TSC with its rate.
 */
#ifndef MMUBENCH_TIMING_H
#define MMUBENCH_TIMING_H

#include <stdint.h>
#include <time.h>

static inline uint64_t timing_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Read the TSC after all earlier loads and before all later ones; guest safe. */
static inline uint64_t timing_tsc(void)
{
	uint32_t lo, hi;

	asm volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/*
 * Nanoseconds per TSC tick: as KVM reports it (the rig calls
 * timing_set_tsc_khz()), else measured once per process against the clock.
 */
double timing_ns_per_tsc(void);
void timing_set_tsc_khz(uint64_t khz);

/* Median cost of a timing_now_ns() call in ns: the harness's own share. */
double timing_self_cost_ns(void);

void timing_sleep_ns(uint64_t ns);

#endif
