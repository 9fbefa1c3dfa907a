// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of these things are needed?
 *
 * Method: Zeller's ddmin.  Cut the set into parts; if one part does it alone,
 * or if it can be left out, go on with what remains; else cut into smaller parts.
 * The parts at the end of the set are left out first, because suspects come
 * first.
 *
 * It cannot tell a thing that is not needed from one whose trial failed by
 * chance; the result is always a set that was seen to do it.
 */
#include "base/ddmin.h"

/* Part @i of @nr parts of @set, as even as can be. */
static uint64_t part_of(uint64_t set, unsigned int i, unsigned int nr)
{
	unsigned int n = __builtin_popcountll(set), k = 0;
	unsigned int from = n * i / nr, to = n * (i + 1) / nr;
	uint64_t part = 0;

	for (; set; set &= set - 1, k++)
		if (k >= from && k < to)
			part |= set & -set;
	return part;
}

static bool does(const struct ddmin *d, uint64_t set)
{
	if (d->is_enough && d->is_enough(d->arg))
		return false;
	return d->does(d->arg, set);
}

/* A smaller set out of @nr parts of @set, or 0. */
static uint64_t reduce(const struct ddmin *d, uint64_t set, unsigned int nr)
{
	uint64_t part;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		part = part_of(set, i, nr);
		if (does(d, part))
			return part;
	}
	/* With two parts, leaving out one is trying the other. */
	for (i = nr; i-- > 0 && nr > 2;) {
		part = set & ~part_of(set, i, nr);
		if (does(d, part))
			return part;
	}
	return 0;
}

uint64_t ddmin(const struct ddmin *d, uint64_t all)
{
	unsigned int nr = 2, n;
	uint64_t less;

	while ((n = __builtin_popcountll(all)) > 1) {
		nr = nr < n ? nr : n;
		less = reduce(d, all, nr);
		if (!less && nr == n)
			break;
		if (less) {
			all = less;
			nr = nr > 2 ? nr - 1 : 2;
		} else {
			nr *= 2;
		}
	}
	return all;
}

/* The first @nr things of @set. */
static uint64_t first_of(uint64_t set, unsigned int nr)
{
	uint64_t first = 0;

	for (; set && nr; set &= set - 1, nr--)
		first |= set & -set;
	return first;
}

uint64_t ddmin_suspects(const struct ddmin *d, uint64_t all)
{
	unsigned int n = __builtin_popcountll(all), nr, more;
	uint64_t first;

	for (nr = 1, more = 1; nr < n; more = nr / 2 + 1, nr += more) {
		first = first_of(all, nr);
		if (does(d, first))
			return ddmin(d, first);
	}
	return ddmin(d, all);
}
