/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Find the name that a misspelt one was probably meant to be.
 *
 * Names are borrowed.  No function here allocates or fails.
 */
#ifndef MMUBENCH_NEAREST_H
#define MMUBENCH_NEAREST_H

/* Number of edits (insert, delete, replace, swap) from @a to @b. */
unsigned int nearest_distance(const char *a, const char *b);

/* The name in the NULL-terminated list nearest to @typed, or NULL. */
const char *nearest_name(const char *typed, const char *const *names);

/* Same, for names that are not in a list: begin, try each, read ->name. */
struct nearest {
	const char *typed;
	const char *name;	/* the nearest so far, or NULL */
	unsigned int distance;	/* a name must be nearer than this */
};

void nearest_begin(struct nearest *n, const char *typed);
void nearest_try(struct nearest *n, const char *name);

#endif
