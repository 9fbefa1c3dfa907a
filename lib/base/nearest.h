/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name that was probably meant by a misspelt one.
 *
 * Names are borrowed.  Nothing here allocates or fails.
 */
#ifndef MMUBENCH_NEAREST_H
#define MMUBENCH_NEAREST_H

/* Number of edits (insert, delete, replace, swap) from @a to @b. */
unsigned int nearest_distance(const char *a, const char *b);

/* The name in the NULL-terminated list nearest to @typed, NULL if none is. */
const char *nearest_name(const char *typed, const char *const *names);

/* The same for names that lie in no list: begin, try each, read ->name. */
struct nearest {
	const char *typed;
	const char *name;	/* the nearest so far, or NULL */
	unsigned int distance;	/* a name must be nearer than this */
};

void nearest_begin(struct nearest *n, const char *typed);
void nearest_try(struct nearest *n, const char *name);

#endif
