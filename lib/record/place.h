/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a case runs and what its clock means, as the environment says: the
 * lab sets MMUBENCH_PLACE, MMUBENCH_EMULATOR and MMUBENCH_CLOCK inside a
 * host; unset or empty is this machine.
 */
#ifndef MMUBENCH_PLACE_H
#define MMUBENCH_PLACE_H

#include <stdbool.h>

#include "base/reason.h"

enum place_clock {
	CLOCK_WALL,		/* a real machine: times are speeds */
	CLOCK_VIRTUAL,		/* emulated, counts instructions: repeats */
	CLOCK_EMULATED,		/* emulated wall time: means nothing */
};

/* The clock of that name ("wall", "virtual", "emulated"), or -1. */
int place_clock_of(const char *name);

const char *place_name(void);		/* "host", "amd-npt" */
const char *place_emulator(void);	/* "none", "qemu-tcg" */
const char *place_clock(void);		/* a name as above, unless misspelt */

/* Are the CPUs emulated ones, so that all takes many times as long? */
bool place_emulated(void);

/*
 * The place becomes the name of a directory and readers know three clocks.
 * 0, or -EINVAL with @why.
 */
int place_check(struct reason *why);

#endif
