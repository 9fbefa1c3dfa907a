// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest program of tables.h: what is done next?
 *
 * Most turns go round one address: it is accessed, so that its translation is
 * held; an entry on its way is changed; it is invalidated, or all is; and it is
 * accessed again.  Others change several before one invalidation, or switch
 * to another space, or do what the memory guest does (stress.c).
 */
#include "guest/internal.h"

#define VISIT_ACCESSES 24u	/* chosen */

static uint32_t pick(struct tables_guest *t)
{
	uint32_t hot, dice;

	if (tables_random(t, 8) == 0)
		t->hot = tables_random(t, t->nr_gvas);
	/* The host may want its attention elsewhere at any time. */
	hot = t->hot % t->nr_gvas;
	dice = tables_random(t, 8);
	if (dice < 5)
		return hot;
	/* Another address of the same table of the last level. */
	if (dice < 7)
		return hot / TABLES_LAST * TABLES_LAST +
		       tables_random(t, TABLES_LAST);
	return tables_random(t, t->nr_gvas);
}

/* Access, change, invalidate mostly, access again. */
static int change_one(struct tables_guest *t)
{
	uint32_t i = pick(t);

	if (tables_access(t, i) || tables_edit(t, i))
		return 1;
	if (tables_random(t, 8))
		tables_flush(t, i);
	return tables_access(t, i) ||
	       (tables_random(t, 2) && tables_access(t, i));
}

static int change_some(struct tables_guest *t)
{
	uint32_t nr = 2 + tables_random(t, 5), i, at[8];

	for (i = 0; i < nr; i++) {
		at[i] = tables_random(t, t->nr_gvas);
		if (tables_access(t, at[i]) || tables_edit(t, at[i]))
			return 1;
	}
	tables_switch(t, tables_random(t, 2) ? t->space :
		      tables_random(t, TABLES_SPACES));
	for (i = 0; i < nr; i++)
		if (tables_access(t, at[i]))
			return 1;
	return 0;
}

/* What its owner does to a space, seen by a vCPU that only uses it. */
static int visit(struct tables_guest *t)
{
	const struct tables_guest *owner = t->other;
	uint32_t space = tables_random(t, TABLES_SPACES), i, since = 0;
	int bad = 0;

	if (!owner || !owner->is_set)
		return 0;
	for (i = 0; i < VISIT_ACCESSES && !bad; i++) {
		if (i == 0 || tables_random(t, 4) == 0) {
			since = owner->seq;
			asm volatile("mfence" : : : "memory");
			tables_visit(t, owner, space);
		}
		bad = tables_access_other(t, owner, space, since);
	}
	tables_return(t);
	return bad;
}

static int turn(struct tables_guest *t)
{
	uint32_t dice = tables_random(t, 32);

	t->stress->done++;
	if (dice < 10)
		return tables_access(t, pick(t));
	if (dice < 20)
		return change_one(t);
	if (dice < 23)
		return change_some(t);
	if (dice < 26)
		tables_switch(t, tables_random(t, TABLES_SPACES));
	else if (dice < 28)
		tables_change_mode(t);
	else if (dice < 29)
		return tables_watch(t, pick(t));
	else if (dice < 30)
		return visit(t);
	else
		return stress_turn(t->stress);
	return 0;
}

void tables_run(struct tables_guest *t, const volatile uint32_t *stop)
{
	tables_enter(t);
	while (!*stop && !turn(t))
		;
	tables_leave(t);
}
