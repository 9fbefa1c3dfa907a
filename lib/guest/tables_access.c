// SPDX-License-Identifier: GPL-2.0-only
/*
 * One access through the vCPU's own tables, and what is to be said of it.
 *
 * Before the access the tables are walked in software; after it, four things
 * are compared with the walk: whether it faulted and how, which page was hit,
 * whether that page's content is as its history asks (stress.h), and which bits
 * the entries have got.  Where an old translation may be in use, only the
 * content is: whatever page a value names, the value must not be older than
 * the page's history allows.
 */
#include "guest/internal.h"

/* In the unit that no vCPU has, and at no entry of tables_entries[]. */
#define FREE_BYTES (STRESS_MAX_VCPUS * STRESS_UNIT_BYTES + 8)

int tables_violated(struct tables_try *y, enum tables_kind kind,
		    enum stress_kind stress)
{
	struct tables_guest *t = y->t;
	struct tables_bad *b = &t->bad;
	uint32_t step;

	b->e = t->log[(t->log_at - 1) % TABLES_LOG];
	b->walk = y->w;
	for (step = 0; step < y->w.nr_steps; step++)
		b->after[step] = *tables_at(y->owner, y->w.step[step].table,
					    y->w.step[step].entry);
	b->cr2 = t->ring.cr2;
	b->rip = t->ring.rip;
	b->want = y->want;
	b->cpu = y->access;
	b->kind = kind;
	b->stress = stress;
	t->nr_bad = 1;
	if (y->write.value)
		stress_write_lost(t->stress, &y->write);
	return 1;
}

void tables_touch(struct tables_try *y)
{
	struct tables_guest *t = y->t;
	struct tables_event *e = tables_note(t, TABLES_ACCESS, y->gva);

	e->detail = y->op;
	ring_access(&t->ring, y->op, y->gva, y->value);
	e->value = t->ring.value;
	e->vector = t->ring.vector;
	e->error = t->ring.error;
}

/* ---- where an old translation may be in use ------------------------------------ */

/*
 * A store that may end anywhere: at a place of the page that is no unit's, and
 * with a value that makes no entry present.
 */
static void store_anywhere(struct tables_try *y)
{
	struct tables_try store = *y;

	store.op = tables_random(y->t, 2) ? RING_WRITE : RING_LOCKED;
	store.op |= tables_random(y->t, 2) ? RING_USER : RING_AC;
	store.gva = (y->gva & ~4095ull) + FREE_BYTES;
	store.value = stress_random(y->t->stress) & ~PT_P;
	tables_touch(&store);
}

/* Whichever page it is, it must not be as it was before it was replaced. */
int tables_unbound(struct tables_try *y)
{
	struct tables_guest *t = y->t;
	const struct stress_view *v = &t->stress->view;
	uint32_t page, vcpu = t->stress->vcpu;
	enum stress_kind kind;

	t->unbound++;
	if (y->owner == t && tables_random(t, 2))
		store_anywhere(y);
	y->op = RING_READ | RING_AC;
	y->want = PTWALK_GRANTED;
	tables_touch(y);
	if (t->ring.vector != RING_FINE)
		return 0;
	page = tables_page_named(t, y->owner, t->ring.value);
	if (page == UINT32_MAX || !stress_look(v, vcpu, page, &y->look))
		return 0;
	tables_touch(y);
	if (t->ring.vector != RING_FINE ||
	    tables_page_named(t, y->owner, t->ring.value) != page)
		return 0;
	kind = stress_verdict(v, vcpu, page, 1, &y->look, t->ring.value);
	return kind > STRESS_RACED ? tables_violated(y, TABLES_CONTENT, kind) : 0;
}

/* ---- where the walk binds ------------------------------------------------------ */

/*
 * With CR0.WP clear, a KVM that shadows lets ring 0 write a user page that is
 * read-only by making it a kernel page, until its translation is dropped.  That
 * lifts SMAP from it, so there only accesses with EFLAGS.AC set are made.
 */
static int smap_may_be_lifted(const struct tables_try *y)
{
	return !(y->t->cpu & PTWALK_WP) && y->t->cpu & PTWALK_SMAP &&
	       !(y->w.rights & PT_W);
}

static void choose(struct tables_try *y)
{
	struct tables_guest *t = y->t;
	uint32_t dice = tables_random(t, 20);

	y->op = dice < 9 ? RING_READ : dice < 14 ? RING_WRITE :
		dice < 17 ? RING_LOCKED : RING_CALL;
	if (y->op == RING_LOCKED && t->no_locked)
		y->op = RING_WRITE;
	/* Only data that keeps its content may be run. */
	if (y->op == RING_CALL && y->w.kind != PTWALK_NONE &&
	    (y->w.kind != PTWALK_DATA ||
	     y->w.page < t->stress->view.first_steady))
		y->op = RING_READ;
	/* A table is written by edits alone. */
	if (y->op != RING_CALL && y->w.kind == PTWALK_TABLE)
		y->op = RING_READ;
	y->access = t->cpu;
	if (y->op == RING_WRITE || y->op == RING_LOCKED)
		y->access |= PTWALK_WRITE;
	if (y->op == RING_CALL)
		y->access |= PTWALK_FETCH;
	if (tables_random(t, 2)) {
		y->op |= RING_USER;
		y->access |= PTWALK_USER;
	} else if (smap_may_be_lifted(y) || tables_random(t, 2)) {
		y->op |= RING_AC;
		y->access &= ~PTWALK_SMAP;
	}
	y->want = ptwalk_fault(&y->w, y->access);
}

/* Get the page ready and look at it; false: nothing can be said of it now. */
static int prepare(struct tables_try *y)
{
	struct stress_guest *g = y->t->stress;
	volatile uint64_t *unit;

	if (y->w.kind != PTWALK_DATA)
		return 1;
	unit = stress_unit(&g->view, g->vcpu, y->w.page);
	y->gva += g->vcpu * STRESS_UNIT_BYTES;
	if (!stress_look(&g->view, g->vcpu, y->w.page, &y->look))
		return 0;
	if (y->access & PTWALK_FETCH) {
		y->code = stress_random(g) & STRESS_GEN_MASK;
		y->gva += 16;
		unit[2] = stress_code(y->code);
		asm volatile("mfence" : : : "memory");
		return unit[2] == stress_code(y->code);
	}
	if (!(y->access & PTWALK_WRITE))
		return 1;
	if (!stress_write_begin(g, y->w.page, &y->write))
		return 0;
	y->value = y->write.value;
	return 1;
}

static enum stress_kind judge_write(struct tables_try *y)
{
	struct stress_guest *g = y->t->stress;
	uint64_t found;
	enum stress_kind kind;

	stress_unit(&g->view, g->vcpu, y->w.page)[1] = ~y->value;
	kind = stress_write_end(g, &y->write, &found);
	if (kind != STRESS_OK || y->write.before & (STRESS_READONLY | STRESS_CLOSED))
		return kind;
	if (found != y->value)
		return STRESS_LOST;
	if ((y->op & RING_KIND) == RING_LOCKED &&
	    y->t->ring.value != y->write.old &&
	    !(y->write.before & STRESS_LAZY && !y->t->ring.value))
		return STRESS_FOREIGN;
	return STRESS_OK;
}

enum stress_kind tables_judge_data(struct tables_try *y)
{
	struct stress_guest *g = y->t->stress;
	uint64_t value = y->t->ring.value;

	if (y->access & PTWALK_WRITE)
		return judge_write(y);
	if (y->access & PTWALK_FETCH)
		return (uint32_t)value == y->code ? STRESS_OK : STRESS_CODE;
	return stress_verdict(&g->view, g->vcpu, y->w.page, 1, &y->look, value);
}

/*
 * Accessed is set in all steps of an access that went well, dirty in the leaf
 * that was written through, and nothing else changes; accessed may come early.
 * @raced: the page was being changed, and KVM may have had no page to access.
 */
static int judge_bits(struct tables_try *y, int raced)
{
	int granted = y->want == PTWALK_GRANTED, wrote, last;
	uint32_t i;

	for (i = 0; i < y->w.nr_steps; i++) {
		const struct ptwalk_step *s = &y->w.step[i];
		uint64_t now = *tables_at(y->t, s->table, s->entry);
		uint64_t want = s->value, may = PT_A;

		last = i == y->w.nr_steps - 1;
		wrote = granted && last && y->access & PTWALK_WRITE;
		if (!(s->value & PT_P))
			may = 0;
		else if (granted && !raced && y->w.kind != PTWALK_HOLE)
			want |= PT_A | (wrote ? PT_D : 0);
		may |= wrote ? PT_D : 0;
		if ((now & want) != want || now & ~(want | may))
			return tables_violated(y, TABLES_BITS, 0);
	}
	return 0;
}

/* An access that the walk grants. */
static int judge_granted(struct tables_try *y)
{
	struct tables_guest *t = y->t;
	enum stress_kind kind = STRESS_OK;
	uint32_t offset = y->gva & 4095;

	if (t->ring.vector != RING_FINE)
		return tables_violated(y, TABLES_FAULTED, 0);
	if (y->w.kind == PTWALK_DATA)
		kind = tables_judge_data(y);
	if (kind > STRESS_RACED)
		return tables_violated(y, TABLES_CONTENT, kind);
	/* The entry read may be one that the access itself has marked. */
	if (y->w.kind == PTWALK_TABLE &&
	    (t->ring.value ^ *tables_at(t, y->w.page, offset / 8)) &
	    ~(PT_A | PT_D))
		return tables_violated(y, TABLES_WRONG_TABLE, 0);
	if (y->w.kind == PTWALK_HOLE && !(y->access & PTWALK_WRITE) &&
	    t->ring.value)
		return tables_violated(y, TABLES_CONTENT, STRESS_FOREIGN);
	return judge_bits(y, kind == STRESS_RACED);
}

static int judge_denied(struct tables_try *y)
{
	struct tables_guest *t = y->t;

	if (t->ring.vector == RING_FINE)
		return tables_violated(y, TABLES_PASSED, 0);
	if (!tables_is_fault(&t->ring, y->want) || t->ring.cr2 != y->gva)
		return tables_violated(y, TABLES_CODE_WRONG, 0);
	t->faults++;
	return judge_bits(y, 0);
}

static int access_bound(struct tables_try *y)
{
	struct tables_guest *t = y->t;

	choose(y);
	if ((y->op & RING_KIND) == RING_CALL && y->w.kind == PTWALK_HOLE)
		return 0;
	if (y->w.kind == PTWALK_TABLE)
		y->gva += tables_entries[tables_random(t, TABLES_LAST)] * 8;
	if (!prepare(y))
		return 0;
	t->bound++;
	tables_touch(y);
	return y->want == PTWALK_GRANTED ? judge_granted(y) : judge_denied(y);
}

int tables_access(struct tables_guest *t, uint32_t i)
{
	struct tables_try y = { .t = t, .owner = t, .i = i, .gva = tables_gva(t, i) };
	int alone = tables_begin(t), bad = 0;

	ptwalk(&t->mem, t->space, y.gva, &y.w);
	if (alone && y.w.kind != PTWALK_ELSEWHERE &&
	    tables_is_bound(t, &y.w, i)) {
		bad = access_bound(&y);
	} else if (y.w.kind != PTWALK_ELSEWHERE) {
		tables_end(t);
		y.gva += t->stress->vcpu * STRESS_UNIT_BYTES;
		bad = tables_unbound(&y);
	}
	tables_end(t);
	return bad;
}
