// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of page tables: which entry gets which value, by which stores.
 *
 * An entry of an upper level mostly gets a table of the level below, of which
 * there are few, so that tables are shared with different rights above them.
 * Now and then it gets any table: a root in its own tree, or one table at two
 * levels.  Entries of the last level map data, or a table.
 */
#include "guest/internal.h"

/* A table that stands at @level, or below, in a tree without tricks. */
static uint32_t table_for(struct tables_guest *t, uint32_t level)
{
	if (tables_random(t, 24) == 0)
		return tables_random(t, TABLES_MUTABLE);
	if (level == 1)
		return TABLES_LEAF + tables_random(t, 4);
	return TABLES_SPACES + (4 - level) * TABLES_PER_LEVEL +
	       tables_random(t, TABLES_PER_LEVEL);
}

static uint64_t rights_for(struct tables_guest *t, uint32_t level)
{
	uint32_t rare = level == 1 ? 3 : 6;
	uint64_t v = 0;

	v |= tables_random(t, rare) ? PT_W : 0;
	v |= tables_random(t, rare) ? PT_U : 0;
	v |= tables_random(t, rare + 2) ? 0 : PT_NX;
	v |= tables_random(t, 2) ? PT_A : 0;
	v |= level == 1 && tables_random(t, 2) ? PT_D : 0;
	return v;
}

void tables_store_identity(struct tables_guest *t, uint32_t page)
{
	volatile uint64_t *unit = stress_unit(&t->stress->view, t->stress->vcpu,
					      page);
	struct stress_write w;
	uint64_t found;

	if (unit[0] || !stress_write_begin(t->stress, page, &w))
		return;
	unit[0] = w.value;
	unit[1] = ~w.value;
	stress_write_end(t->stress, &w, &found);
}

/* A data page, which by what it holds says which one it is. */
static uint64_t some_page(struct tables_guest *t)
{
	uint32_t page = t->pages[tables_random(t, TABLES_PAGES)];

	tables_store_identity(t, page);
	return t->mem.data_gpa + page * 4096ull;
}

static uint64_t some_large(struct tables_guest *t)
{
	uint32_t first = t->large[tables_random(t, t->nr_large)], i;

	for (i = 0; i < TABLES_LAST; i++)
		tables_store_identity(t, first + tables_entries[i]);
	return t->mem.data_gpa + first * 4096ull;
}

static uint64_t leaf_for(struct tables_guest *t)
{
	uint32_t dice = tables_random(t, 32);

	if (dice == 0)
		return t->mem.hole_gpa + tables_random(t, 512) * 4096ull;
	if (dice < 4)
		return t->mem.pool_gpa + tables_random(t, TABLES_MUTABLE) * 4096ull;
	return some_page(t);
}

static uint64_t value_for(struct tables_guest *t, uint32_t level)
{
	uint64_t rights = PT_P | rights_for(t, level), table;

	if (tables_random(t, 10) == 0)
		return tables_random(t, 2) ? 0 : (rights & ~PT_P) | some_page(t);
	if (level == 1)
		return rights | leaf_for(t);
	if (level == 2 && t->nr_large && tables_random(t, 4) == 0)
		return rights | PT_PS | (tables_random(t, 2) ? PT_D : 0) |
		       (tables_random(t, 16) ? some_large(t) : t->mem.hole_gpa);
	table = table_for(t, level - 1);
	return rights | (t->mem.pool_gpa + table * 4096ull);
}

/* The same with one right turned round, or without accessed and dirty bits. */
static uint64_t other_rights(struct tables_guest *t, uint64_t value)
{
	static const uint64_t flips[] = { PT_W, PT_U, PT_NX, PT_W };
	uint32_t dice = tables_random(t, 6);

	return dice < 4 ? value ^ flips[dice] : value & ~(PT_A | PT_D);
}

/* ---- stores ------------------------------------------------------------------ */

/* Halves, so that no mixture of both values is present and unjudged. */
static void store_halves(volatile uint64_t *at, uint64_t value)
{
	volatile uint32_t *half = (volatile uint32_t *)at;

	half[0] &= ~(uint32_t)PT_P;
	half[1] = value >> 32;
	half[0] = value;
}

static void store_compared(volatile uint64_t *at, uint64_t value)
{
	uint64_t was = *at;

	while (!__atomic_compare_exchange_n(at, &was, value, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void store(struct tables_guest *t, volatile uint64_t *at, uint64_t value)
{
	uint64_t differs = *at ^ value;
	uint32_t dice = tables_random(t, 8);

	if (differs && !(differs & ~0xffull) && dice < 3)
		*(volatile uint8_t *)at = value;
	else if (dice == 0)
		store_halves(at, value);
	else if (dice == 1)
		store_compared(at, value);
	else if (dice == 2)
		__atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
	else
		*at = value;
}

/* Through a watched address that maps the table, if there is one. */
static int store_mapped(struct tables_guest *t, uint32_t table, uint32_t entry,
			uint64_t value)
{
	uint32_t i, from = tables_random(t, t->nr_gvas);
	struct ptwalk w;

	for (i = 0; i < t->nr_gvas; i++) {
		uint32_t at = (from + i) % t->nr_gvas;
		uint64_t gva = tables_gva(t, at);

		ptwalk(&t->mem, t->space, gva, &w);
		if (w.kind != PTWALK_TABLE || w.page != table ||
		    !tables_is_bound(t, &w, at) ||
		    ptwalk_fault(&w, t->cpu | PTWALK_WRITE) != PTWALK_GRANTED)
			continue;
		return ring_access(&t->ring, tables_random(t, 2) ? RING_WRITE :
				   RING_LOCKED, gva + entry * 8, value);
	}
	return 0;
}

/*
 * An entry that was not present, and of which nothing older is held, becomes
 * visible without an invalidation.  A store that did not arrive is a violation.
 */
static int change(struct tables_guest *t, uint32_t table, uint32_t entry,
		  uint64_t value, uint64_t gva)
{
	volatile uint64_t *at = tables_at(t, table, entry);
	struct tables_event *e = tables_note(t, TABLES_EDIT, gva);
	uint32_t seq = t->seq;

	/* Told before it is done, and counted after it: others read both. */
	if (*at & PT_P || t->changed[table][entry] == TABLES_UNBOUND)
		t->changed[table][entry] = seq = t->seq + 1;
	e->table = table;
	e->entry = entry;
	e->value = value;
	e->detail = tables_random(t, 8) == 0 && tables_begin(t) &&
		    store_mapped(t, table, entry, value);
	tables_end(t);
	if (!e->detail)
		store(t, at, value);
	t->seq = seq;
	if (!((*at ^ value) & ~(PT_A | PT_D)) ||
	    t->changed[table][entry] == TABLES_UNBOUND)
		return 0;
	t->bad = (struct tables_bad){
		.e = *e, .kind = TABLES_WRONG_TABLE, .after = { *at },
	};
	t->nr_bad = 1;
	return 1;
}

int tables_edit(struct tables_guest *t, uint32_t i)
{
	uint32_t level = t->mem.levels, step = tables_random(t, level + 4), at;
	const struct ptwalk_step *s;
	struct ptwalk w;
	uint64_t value;

	ptwalk(&t->mem, t->space, tables_gva(t, i), &w);
	if (step >= w.nr_steps)
		step = w.nr_steps - 1;
	/* What the host wrote binds again once the guest has written it. */
	for (at = 0; at < w.nr_steps; at++)
		if (t->changed[w.step[at].table][w.step[at].entry] ==
		    TABLES_UNBOUND)
			step = at;
	s = &w.step[step];
	level -= step;
	if (s->table >= TABLES_MUTABLE)
		return 0;
	if (s->value & PT_P && tables_random(t, 5) < 2)
		value = other_rights(t, s->value);
	else
		value = value_for(t, level);
	return change(t, s->table, s->entry, value, tables_gva(t, i));
}

void tables_fill(struct tables_guest *t)
{
	uint32_t table, i, level;

	for (table = 0; table < TABLES_MUTABLE; table++) {
		level = table < TABLES_SPACES ? t->mem.levels :
			table >= TABLES_LEAF ? 1 :
			4 - (table - TABLES_SPACES) / TABLES_PER_LEVEL;
		for (i = 0; i < (level == 1 ? TABLES_LAST : TABLES_UPPER); i++)
			*tables_at(t, table, tables_entries[i]) =
				value_for(t, level);
	}
}
