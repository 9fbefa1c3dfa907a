// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk and the rights of ptwalk.h, by the manuals and by nothing else: no
 * cache, no level that is skipped.  Execute-disable is always enabled, and the
 * error code names fetches.  It cannot tell what a TLB still holds; its caller
 * asks only where nothing may be held.
 */
#include "guest/ptwalk.h"

static int page_of(uint64_t value, uint64_t gpa, uint32_t nr, uint32_t *page)
{
	uint64_t at = (value & PT_ADDR) - gpa;

	if ((value & PT_ADDR) < gpa || at / 4096 >= nr)
		return 0;
	*page = at / 4096;
	return 1;
}

/* The walk ended at a leaf of @level. */
static void end_at_leaf(const struct ptwalk_mem *m, uint32_t level,
			uint64_t value, uint64_t gva, struct ptwalk *w)
{
	uint64_t gpa = value & PT_ADDR;

	if (level == 2)
		gpa = (gpa & ~0x1fffffull) | (gva & 0x1ff000);
	if (page_of(gpa, m->data_gpa, m->nr_data, &w->page))
		w->kind = PTWALK_DATA;
	else if (page_of(gpa, m->pool_gpa, m->nr_tables, &w->page))
		w->kind = PTWALK_TABLE;
	else if (page_of(gpa, m->hole_gpa, 512, &w->page))
		w->kind = PTWALK_HOLE;
	else
		w->kind = PTWALK_ELSEWHERE;
}

/* A large page begins at a multiple of its size; the upper levels have none. */
static int has_reserved(uint32_t level, uint64_t value)
{
	if (level > 3)
		return (value & PT_PS) != 0;
	return level == 2 && value & PT_PS && value & 0x1fe000;
}

void ptwalk(const struct ptwalk_mem *m, uint32_t root, uint64_t gva,
	    struct ptwalk *w)
{
	uint32_t level, table = root;

	w->rights = PT_W | PT_U;
	for (level = m->levels; level; level--) {
		struct ptwalk_step *s = &w->step[m->levels - level];
		int leaf = level == 1;

		w->nr_steps = m->levels - level + 1;
		s->table = table;
		s->entry = ptwalk_entry(gva, level);
		s->value = m->pool[table * 512 + s->entry];
		w->kind = PTWALK_NONE;
		if (!(s->value & PT_P))
			return;
		w->kind = PTWALK_RSVD;
		if (has_reserved(level, s->value))
			return;
		leaf = leaf || (level == 2 && s->value & PT_PS);
		w->rights &= s->value | PT_NX;
		w->rights |= s->value & PT_NX;
		if (leaf)
			break;
		/* Not every CPU has pages of 1 GiB. */
		w->kind = PTWALK_ELSEWHERE;
		if (level == 3 && s->value & PT_PS)
			return;
		if (!page_of(s->value, m->pool_gpa, m->nr_tables, &table))
			return;
	}
	w->rights ^= m->plant;
	end_at_leaf(m, level, w->step[w->nr_steps - 1].value, gva, w);
}

uint32_t ptwalk_fault(const struct ptwalk *w, uint32_t access)
{
	uint32_t code = access & (PTWALK_WRITE | PTWALK_USER | PTWALK_FETCH);
	int user = access & PTWALK_USER, denied;

	if (w->kind == PTWALK_NONE)
		return code;
	code |= PTWALK_PRESENT;
	if (w->kind == PTWALK_RSVD)
		return code | PTWALK_RESERVED;
	denied = user && !(w->rights & PT_U);
	if (access & PTWALK_WRITE && !(w->rights & PT_W))
		denied |= user || access & PTWALK_WP;
	if (access & PTWALK_FETCH) {
		denied |= (w->rights & PT_NX) != 0;
		denied |= !user && access & PTWALK_SMEP && w->rights & PT_U;
	} else {
		denied |= !user && access & PTWALK_SMAP && w->rights & PT_U;
	}
	return denied ? code : PTWALK_GRANTED;
}
