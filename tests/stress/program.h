/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as a program of its own: C for the kernel's KVM selftests, with what the
 * run's stressors do and nothing else of this project.
 */
#ifndef MMUBENCH_STRESS_PROGRAM_H
#define MMUBENCH_STRESS_PROGRAM_H

#include "world/world.h"

struct program_setup {
	const char *path;	/* of the file to write */
	const char *plan;	/* of the schedule with the steps to take */
	const char *case_name;
	const char *log;	/* "get", "clear", "ring", or NULL */
	bool all_set, thp, is_shared;
};

/*
 * Write the program for the world as it is.  Steps of stressors without a form of
 * their own are left out, and named in it.  0, or -errno with @why.
 */
int program_write(const struct world *w, const struct program_setup *s,
		  struct reason *why);

#endif
