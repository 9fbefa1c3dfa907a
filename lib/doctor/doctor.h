/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks of a host that is to be measured: what is found, and what is wrong
 * with it.
 */
#ifndef MMUBENCH_DOCTOR_H
#define MMUBENCH_DOCTOR_H

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD, DOCTOR_UNKNOWN };

struct doctor_result {
	enum doctor_state state;
	char found[160];	/* what is there now */
};

struct doctor_check {
	const char *name;	/* "numa_balancing" */
	const char *why;	/* why it matters for an MMU benchmark */
	const char *fix;	/* the command that changes it; NULL = none */
	void (*run)(struct doctor_result *res);
};

/* Ends with an entry without a name.  The checks change nothing on the host. */
extern const struct doctor_check doctor_checks[];

#endif
