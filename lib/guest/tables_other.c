// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that go on without leaving the guest, and accesses in the address
 * space of another vCPU, which edits it meanwhile.
 *
 * A translation that KVM forgot to invalidate stays in use as long as the vCPU
 * does not leave, whatever becomes of the page.  What another vCPU edits binds
 * this one since it has dropped what it held.  It cannot tell what an edit in
 * mid-access should have come to; such an access says nothing.
 */
#include "base/timing.h"
#include "guest/internal.h"

#define WATCH_TICKS	4000000u	/* a millisecond or two; chosen */
#define LONG_WATCH	16u		/* times as long, now and then; chosen */

/*
 * As long as the page is the one that was found, its content is judged.  In
 * another vCPU's space any other page may take its place.
 */
static int watch(struct tables_try *y)
{
	struct tables_guest *t = y->t;
	const struct stress_view *v = &t->stress->view;
	uint64_t start = timing_tsc(), ticks = WATCH_TICKS;
	uint32_t vcpu = t->stress->vcpu;
	enum stress_kind kind;

	if (tables_random(t, 16) == 0)
		ticks *= LONG_WATCH;
	while (timing_tsc() - start < ticks) {
		if (!stress_look(v, vcpu, y->w.page, &y->look))
			continue;
		tables_touch(y);
		if (y->owner != t &&
		    (t->ring.vector != RING_FINE ||
		     !stress_is_value(v, vcpu, y->w.page, t->ring.value)))
			return 0;
		t->bound++;
		if (t->ring.vector != RING_FINE)
			return tables_violated(y, TABLES_FAULTED, 0);
		kind = tables_judge_data(y);
		if (kind > STRESS_RACED)
			return tables_violated(y, TABLES_CONTENT, kind);
		/* One line of the log is enough for all that went well. */
		t->log_at--;
	}
	return 0;
}

int tables_watch(struct tables_guest *t, uint32_t i)
{
	struct tables_try y = {
		.t = t, .owner = t, .i = i, .gva = tables_gva(t, i),
		.want = PTWALK_GRANTED, .op = RING_READ | RING_AC,
		.access = t->cpu & ~PTWALK_SMAP,
	};
	int alone = tables_begin(t), bad = 0;

	ptwalk(&t->mem, t->space, y.gva, &y.w);
	y.gva += t->stress->vcpu * STRESS_UNIT_BYTES;
	if (alone && y.w.kind == PTWALK_DATA && tables_is_bound(t, &y.w, i))
		bad = watch(&y);
	tables_end(t);
	return bad;
}

/* ---- in another vCPU's address space -------------------------------------------- */

/* Is what the walk found still so, and nothing older in use since @since? */
static int still_binds(const struct tables_try *y, uint32_t since)
{
	uint32_t i;

	for (i = 0; i < y->w.nr_steps; i++) {
		const struct ptwalk_step *s = &y->w.step[i];
		uint64_t now = *tables_at(y->owner, s->table, s->entry);

		if ((now ^ s->value) & ~(PT_A | PT_D) ||
		    y->owner->changed[s->table][s->entry] > since)
			return 0;
	}
	return 1;
}

static int judge_other(struct tables_try *y)
{
	const struct ring *r = &y->t->ring;
	enum stress_kind kind;

	y->t->bound++;
	if (y->want != PTWALK_GRANTED) {
		if (r->vector == RING_FINE)
			return tables_violated(y, TABLES_PASSED, 0);
		return !tables_is_fault(r, y->want) &&
		       tables_violated(y, TABLES_CODE_WRONG, 0);
	}
	if (r->vector != RING_FINE)
		return tables_violated(y, TABLES_FAULTED, 0);
	kind = tables_judge_data(y);
	return kind > STRESS_RACED && tables_violated(y, TABLES_CONTENT, kind);
}

/*
 * Its owner edits the tables meanwhile: it notes the change before it makes it,
 * so an access that saw a change finds it noted.  Only loads, in ring 0: a
 * store could end in any page, and ring 3's stack is the owner's.
 */
int tables_access_other(struct tables_guest *t, const struct tables_guest *owner,
			uint32_t space, uint32_t since)
{
	struct tables_try y = {
		.t = t, .owner = owner, .i = tables_random(t, t->nr_gvas),
		.op = RING_READ, .access = t->cpu,
	};

	y.gva = tables_gva(t, y.i);
	ptwalk(&owner->mem, space, y.gva, &y.w);
	if (y.w.kind != PTWALK_DATA && y.w.kind != PTWALK_NONE)
		return 0;
	y.gva += t->stress->vcpu * STRESS_UNIT_BYTES;
	if (!still_binds(&y, since))
		return tables_unbound(&y);
	if (y.w.kind == PTWALK_DATA) {
		tables_store_identity(t, y.w.page);
		if (!stress_look(&t->stress->view, t->stress->vcpu, y.w.page,
				 &y.look))
			return 0;
		if (!(y.w.rights & PT_W))
			y.op |= RING_AC;
	}
	if (y.op & RING_AC)
		y.access &= ~PTWALK_SMAP;
	y.want = ptwalk_fault(&y.w, y.access);
	tables_touch(&y);
	asm volatile("lfence" : : : "memory");
	if (!still_binds(&y, since))
		return 0;
	if (judge_other(&y))
		return 1;
	return y.w.kind == PTWALK_DATA && t->ring.vector == RING_FINE &&
	       tables_random(t, 48) == 0 && watch(&y);
}
