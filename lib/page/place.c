// SPDX-License-Identifier: GPL-2.0-only
/* Which records are of a place, and where it says what it is; see internal.h. */
#include <string.h>

#include "internal.h"

void page_records(const struct page *p, unsigned int at, size_t *first,
		  size_t *end)
{
	size_t i = 0;

	while (strcmp(p->set.v[i]->place, p->places[at]))
		i++;
	*first = i;
	while (i < p->set.nr && !strcmp(p->set.v[i]->place, p->places[at]))
		i++;
	*end = i;
}

const json_t *page_env(const struct page *p, unsigned int at)
{
	size_t i, end;

	for (page_records(p, at, &i, &end); i < end; i++)
		if (p->set.v[i]->env)
			return p->set.v[i]->env;
	return NULL;
}
