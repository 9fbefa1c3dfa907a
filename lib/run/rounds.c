// SPDX-License-Identifier: GPL-2.0-only
/* One figure per round, see rounds.h. */
#include <stdlib.h>
#include <string.h>

#include "run/rounds.h"

void rounds_add(struct rounds *r, double value)
{
	if (r->nr < ROUNDS_MAX)
		r->v[r->nr++] = value;
	else
		r->dropped++;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double rounds_median(const struct rounds *r)
{
	double sorted[ROUNDS_MAX];

	if (!r->nr)
		return 0;
	memcpy(sorted, r->v, r->nr * sizeof(*sorted));
	qsort(sorted, r->nr, sizeof(*sorted), compare_double);
	if (r->nr % 2)
		return sorted[r->nr / 2];
	return (sorted[r->nr / 2 - 1] + sorted[r->nr / 2]) / 2;
}

void rounds_record(struct rec *rec, const char *name, const char *unit,
		   const struct rounds *r)
{
	double x[ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		x[i] = i + 1;
	if (r->nr)
		rec_series(rec, name, "round", unit, x, r->v, r->nr);
	if (r->dropped)
		rec_note(rec, "%s: the series holds the first %u of %u rounds",
			 name, r->nr, r->nr + r->dropped);
}
