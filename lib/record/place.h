/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a case runs and what its clock means, from the environment.  The lab
 * sets MMUBENCH_PLACE, MMUBENCH_EMULATOR and MMUBENCH_CLOCK inside a host; if
 * they are unset or empty, the place is this machine.
 */
#ifndef MMUBENCH_PLACE_H
#define MMUBENCH_PLACE_H

#include <stdbool.h>

#include "base/reason.h"

enum place_clock {
	CLOCK_WALL,		/* a real machine: times are real */
	CLOCK_VIRTUAL,		/* emulated, counts instructions: repeatable */
	CLOCK_EMULATED,		/* emulated wall time: meaningless */
};

/* The enum place_clock called @name ("wall", "virtual", "emulated"), or -1. */
int place_clock_of(const char *name);

const char *place_name(void);		/* "host", "amd-npt" */
const char *place_emulator(void);	/* "none", "qemu-tcg" */
const char *place_clock(void);		/* a name as above, or a misspelt one */

/* True if the CPUs are emulated, so that everything takes many times longer. */
bool place_emulated(void);

/*
 * Check that the place can name a directory and that the clock is one of the
 * three.  0, or -EINVAL with @why.
 */
int place_check(struct reason *why);

#endif
