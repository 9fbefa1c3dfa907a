// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses are watched, when the tables bind, what was done last, and
 * whose turn at the tables it is: what the other files of tables.h share.
 */
#include "guest/internal.h"

const char *const tables_kind_names[] = {
	"ok",
	"a fault that the tables do not ask for",
	"no fault where the tables ask for one",
	"a wrong fault",
	"wrong content",
	"wrong bits in an entry",
	"a wrong page instead of a table",
	0};
const char *const tables_op_names[] = {"accessed", "edited",	"flushed",
				       "switched", "set modes", 0};

struct tables_event *tables_note(struct tables_guest *t, enum tables_op op,
				 uint64_t gva)
{
	struct tables_event *e = &t->log[t->log_at++ % TABLES_LOG];

	*e = (struct tables_event){
		.op = op,
		.gva = gva,
		.space = t->space,
		.seq = t->seq,
	};
	t->ops[op]++;
	return e;
}

const uint16_t tables_entries[TABLES_LAST] = {8, 511, 9, 255};

uint64_t tables_gva(const struct tables_guest *t, uint32_t i)
{
	uint32_t level, upper = i / TABLES_LAST;
	uint64_t gva = (uint64_t)tables_entries[i % TABLES_LAST] << 12;

	for (level = 2; level <= t->mem.levels; level++, upper /= TABLES_UPPER)
		gva |= (uint64_t)tables_entries[upper % TABLES_UPPER]
		       << (12 + 9 * (level - 1));
	/* Canonical: the last bit goes on to the top. */
	level = 64 - 12 - 9 * t->mem.levels;
	return (int64_t)(gva << level) >> level;
}

int tables_is_bound(const struct tables_guest *t, const struct ptwalk *w,
		    uint32_t i)
{
	const struct tables_space *s = &t->spaces[t->space];
	uint32_t since = s->flushed, step;

	if (s->flushed_gva[i] > since)
		since = s->flushed_gva[i];
	for (step = 0; step < w->nr_steps; step++)
		if (t->changed[w->step[step].table][w->step[step].entry] >
		    since)
			return 0;
	return 1;
}

/*
 * The host changes entries only while ->busy is 0, and says so before it looks:
 *
 *	guest			host
 *	busy = 1		host_busy = 1
 *	fence			fence
 *	read host_busy		read busy
 *
 * Safe because at least one of them sees the other, and then gives way.
 */
int tables_begin(struct tables_guest *t)
{
	t->busy = 1;
	asm volatile("mfence" : : : "memory");
	return !t->host_busy;
}

void tables_end(struct tables_guest *t)
{
	asm volatile("mfence" : : : "memory");
	t->busy = 0;
}

uint32_t tables_page_named(const struct tables_guest *t,
			   const struct tables_guest *owner, uint64_t value)
{
	const struct stress_view *v = &t->stress->view;
	uint32_t i, page, vcpu = t->stress->vcpu;

	for (i = 0; value && i < TABLES_PAGES; i++)
		if (stress_is_value(v, vcpu, owner->pages[i], value))
			return owner->pages[i];
	for (i = 0; value && i < owner->nr_large * TABLES_LAST; i++) {
		page = owner->large[i / TABLES_LAST] +
		       tables_entries[i % TABLES_LAST];
		if (stress_is_value(v, vcpu, page, value))
			return page;
	}
	return UINT32_MAX;
}
