// SPDX-License-Identifier: GPL-2.0-only
/*
 * Question: how many instructions does each MMU operation take?
 *
 * Method: an emulated host whose TSC counts instructions; 4096 pages per
 * operation, the TSC read before and after.  TICKS in the environment says how
 * many ticks an instruction is.  Faults are counted as well, so that a figure
 * without its faults shows.
 *
 * What it cannot tell: time.  The kernel's timer interrupts are in the figures.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "bars.h"

#define NR_PAGES 4096ul

static double per_page;	/* instructions of one tick, by page */

struct start {
	uint64_t tsc, taken;
};

static struct start start(struct tiny_vm *t)
{
	return (struct start){
		.taken = tiny_vcpu_stat(t, "pf_taken"),
		.tsc = __rdtsc(),
	};
}

static void stop(struct tiny_vm *t, struct start from, const char *what)
{
	uint64_t ticks = __rdtsc() - from.tsc;

	bar("insn", what, "per_page", ticks * per_page);
	bar("insn", what, "faults", tiny_vcpu_stat(t, "pf_taken") - from.taken);
}

#define STEP(what, action) do {			\
	struct start from_ = start(t);		\
	action;					\
	stop(t, from_, what);			\
} while (0)

static void age(struct tiny_vm *t)
{
	if (!age_all())
		tiny_die("/sys/kernel/debug/lru_gen");
}

void ticks(void)
{
	const char *text = getenv("TICKS");
	struct tiny_vm vm, *t = &vm;

	per_page = 1.0 / NR_PAGES / (text ? atof(text) : 1);
	tiny_open(t, NR_PAGES, false);
	STEP("map", tiny_read(t, 0, NR_PAGES));
	STEP("touch", tiny_write(t, 0, NR_PAGES));
	STEP("log_on", tiny_set_log(t, true));
	STEP("write_protect", tiny_write(t, 0, NR_PAGES));
	STEP("get_dirty", tiny_get_log(t));
	STEP("write_again", tiny_write(t, 0, NR_PAGES));
	tiny_get_log(t);
	STEP("get_clean", tiny_get_log(t));
	STEP("log_off", tiny_set_log(t, false));
	STEP("write_after_log", tiny_write(t, 0, NR_PAGES));
	/* The first pass finds the pages where populating has put them. */
	age(t);
	tiny_write(t, 0, NR_PAGES);
	STEP("age", age(t));
	STEP("track_write", tiny_write(t, 0, NR_PAGES));
	age(t);
	STEP("track_read", tiny_read(t, 0, NR_PAGES));
	tiny_close(t);
}
