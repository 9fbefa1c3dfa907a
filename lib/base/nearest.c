// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which name was meant by a misspelt one?
 *
 * Method: the number of edits, counted by dynamic programming over three
 * rows, and a bound on how many still count as a misspelling.  It cannot
 * tell which of two names that are equally near was meant: the first wins.
 */
#include <string.h>

#include "base/nearest.h"

#define MAX_COMPARED	96	/* characters of a name; the others are not looked at */

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int row[3][MAX_COMPARED + 1];
	unsigned int *before = row[0], *last = row[1], *now = row[2], *t;
	size_t la = strnlen(a, MAX_COMPARED), lb = strnlen(b, MAX_COMPARED);
	size_t i, j;

	for (j = 0; j <= lb; j++)
		last[j] = j;
	for (i = 1; i <= la; i++) {
		now[0] = i;
		for (j = 1; j <= lb; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1,
				      last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[lb];
}

/*
 * At most this many edits count as a misspelling: two, or a third of the
 * word for long ones.  A fourth or a half would also do.
 */
static unsigned int tolerance(const char *name)
{
	size_t third = strlen(name) / 3;

	return third > 2 ? third : 2;
}

void nearest_begin(struct nearest *n, const char *typed)
{
	n->typed = typed;
	n->name = NULL;
	n->distance = tolerance(typed) + 1;
}

void nearest_try(struct nearest *n, const char *name)
{
	unsigned int d = nearest_distance(n->typed, name);

	if (d >= n->distance || d >= strlen(name))
		return;
	n->name = name;
	n->distance = d;
}

const char *nearest_name(const char *typed, const char *const *names)
{
	struct nearest n;

	nearest_begin(&n, typed);
	for (; *names; names++)
		nearest_try(&n, *names);
	return n.name;
}
