// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a guest find in its memory what it and its neighbours wrote?
 *
 * Each turn takes a random page and an operation, does it between two looks
 * at the page's state, judges, and notes it in the vCPU's log.  The loop never
 * leaves the guest by itself, so a translation that KVM forgot to flush stays
 * in use.  What it cannot tell: anything about a page while a change is on;
 * such turns are counted as raced.
 */
#include "base/timing.h"
#include "guest/stress.h"

const char *const stress_kind_names[] = {
	"ok", "raced", "lost write", "stale", "foreign", "torn",
	"access without the right", "wrong code", NULL
};
const char *const stress_op_names[] = {
	"check", "check_other", "store", "locked", "split", "call", NULL
};

static uint32_t gen_of(uint64_t value)
{
	return value >> 28 & STRESS_GEN_MASK;
}

int stress_is_value(const struct stress_view *v, uint32_t writer,
		    uint32_t page, uint64_t value)
{
	return value == stress_value(v->seed, writer, page, gen_of(value));
}

volatile uint64_t *stress_unit(const struct stress_view *v, uint32_t writer,
			       uint32_t page)
{
	return (volatile uint64_t *)(v->mem + (uint64_t)page * 4096 +
				     writer * STRESS_UNIT_BYTES);
}

static volatile uint64_t *rec_of(const struct stress_view *v, uint32_t writer,
				 uint32_t page)
{
	return &v->recs[(uint64_t)writer * v->nr_pages + page];
}

/* What a page holds that nobody wrote to since it was replaced. */
static uint64_t replaced(const struct stress_view *v, uint32_t page,
			 uint64_t state)
{
	return state & STRESS_STAMPED ?
	       stress_value(v->seed, STRESS_HOST - 1, page,
			    stress_epoch(state)) : 0;
}

/* How a value is wrong that is none of those allowed. */
static enum stress_kind blame(const struct stress_view *v, uint32_t writer,
			      uint32_t page, uint64_t value, uint64_t fresh)
{
	if (value == 0 || value == fresh)
		return STRESS_LOST;
	if (stress_is_value(v, writer, page, value) ||
	    stress_is_value(v, STRESS_HOST - 1, page, value))
		return STRESS_STALE;
	return STRESS_FOREIGN;
}

/* In a page that nobody wrote to since it might have become zeroes. */
static int is_from_before(const struct stress_view *v, uint32_t writer,
			  uint32_t page, uint32_t gen, uint64_t value)
{
	return stress_is_value(v, STRESS_HOST - 1, page, value) ||
	       (stress_is_value(v, writer, page, value) && gen_of(value) <= gen);
}

static enum stress_kind judge(const struct stress_view *v, uint32_t writer,
			      uint32_t page, int own, uint64_t state,
			      uint64_t rec, uint64_t value)
{
	uint32_t gen = stress_rec_gen(rec);
	uint64_t fresh = replaced(v, page, state);
	int valid = stress_is_value(v, writer, page, value);

	if ((uint32_t)rec == stress_epoch(state) && !(rec & STRESS_UNSURE) &&
	    gen) {
		if (valid && (gen_of(value) == gen ||
			      (!own && gen_of(value) > gen)))
			return STRESS_OK;
		return blame(v, writer, page, value, fresh);
	}
	if (value == fresh)
		return STRESS_OK;
	if (state & STRESS_LAZY && is_from_before(v, writer, page, gen, value))
		return STRESS_OK;
	if (valid && rec & STRESS_UNSURE && gen_of(value) <= gen)
		return STRESS_OK;
	if (valid && !own && gen_of(value) > gen)
		return STRESS_OK;
	return blame(v, writer, page, value, fresh);
}

/* The second word: the first one's complement, or what was there before. */
static int second_fits(const struct stress_view *v, uint32_t page,
		       uint64_t state, uint64_t rec, uint64_t first,
		       uint64_t second)
{
	uint64_t fresh = replaced(v, page, state);

	/* It may become zeroes between the two. */
	if (state & STRESS_LAZY && !second)
		return 1;
	if (second == ~first || (first == fresh && second == ~fresh) ||
	    (!fresh && !first && !second))
		return 1;
	return (rec & STRESS_UNSURE) != 0;
}

int stress_look(const struct stress_view *v, uint32_t writer, uint32_t page,
		struct stress_look *l)
{
	l->state = v->states[page];
	l->rec = *rec_of(v, writer, page);
	return !(l->state & STRESS_CHANGING);
}

enum stress_kind stress_verdict(const struct stress_view *v, uint32_t writer,
				uint32_t page, int own,
				const struct stress_look *l, uint64_t first)
{
	asm volatile("lfence" : : : "memory");
	if (v->states[page] != l->state)
		return STRESS_RACED;
	if (l->state & STRESS_CLOSED)
		return STRESS_PASSED;
	return judge(v, writer, page, own, l->state, l->rec, first);
}

enum stress_kind stress_check(const struct stress_view *v, uint32_t writer,
			      uint32_t page, int own, struct stress_event *e)
{
	volatile uint64_t *unit = stress_unit(v, writer, page);
	uint64_t first, second;
	struct stress_look l;
	enum stress_kind kind;

	if (!stress_look(v, writer, page, &l))
		return STRESS_RACED;
	first = unit[0];
	second = own ? unit[1] : ~first;
	kind = stress_verdict(v, writer, page, own, &l, first);
	if (kind == STRESS_RACED)
		return kind;
	if (kind == STRESS_OK &&
	    !second_fits(v, page, l.state, l.rec, first, second))
		kind = STRESS_TORN;
	if (e) {
		e->state = l.state;
		e->rec = l.rec;
		e->found[0] = first;
		e->found[1] = second;
	}
	return kind;
}

/* ---- writing --------------------------------------------------------------- */

static void store_plain(volatile uint64_t *unit, uint64_t value)
{
	unit[0] = value;
	unit[1] = ~value;
}

static void store_locked(volatile uint64_t *unit, uint64_t value)
{
	uint64_t was = unit[0], second = ~value;

	asm volatile("lock cmpxchgq %2, %1"
		     : "+a"(was), "+m"(*unit) : "r"(value) : "memory", "cc");
	asm volatile("xchgq %0, %1"
		     : "+r"(second), "+m"(unit[1]) : : "memory");
}

struct anywhere {
	uint32_t v;
} __attribute__((packed));

/* The complement in pieces, some of them across the middle. */
static void store_split(volatile uint64_t *unit, uint64_t value)
{
	volatile char *second = (volatile char *)&unit[1];
	uint64_t whole = ~value;

	unit[0] = value;
	*(volatile uint32_t *)(second + 4) = whole >> 32;
	*(volatile uint16_t *)second = whole;
	((volatile struct anywhere *)(second + 1))->v = whole >> 8;
	((volatile struct anywhere *)(second + 2))->v = whole >> 16;
}

/* mov $gen, %eax; ret */
uint64_t stress_code(uint32_t gen)
{
	return 0xb8ull | (uint64_t)gen << 8 | 0xc3ull << 40;
}

/* Where the store did not arrive there may be no code at all. */
static enum stress_kind run_code(volatile uint64_t *unit, uint32_t gen)
{
	uint64_t code = stress_code(gen);

	unit[2] = code;
	asm volatile("mfence" : : : "memory");
	if (unit[2] != code)
		return STRESS_LOST;
	if (((uint32_t (*)(void))(uintptr_t)&unit[2])() != gen)
		return STRESS_CODE;
	return STRESS_OK;
}

static enum stress_kind store(const struct stress_guest *g,
			      const struct stress_write *w, enum stress_op op)
{
	volatile uint64_t *unit = stress_unit(&g->view, g->vcpu, w->page);

	if (op == STRESS_LOCKED)
		store_locked(unit, w->value);
	else if (op == STRESS_SPLIT)
		store_split(unit, w->value);
	else
		store_plain(unit, w->value);
	if (op == STRESS_CALL)
		return run_code(unit, w->gen);
	return STRESS_OK;
}

/* Nothing may have got through; a read of it only if it may be read. */
static enum stress_kind stayed(uint64_t state, uint64_t old, uint64_t now)
{
	if (state & STRESS_CLOSED)
		return STRESS_PASSED;
	if (now == old || (state & STRESS_LAZY && !now))
		return STRESS_OK;
	return STRESS_PASSED;
}

int stress_write_begin(const struct stress_guest *g, uint32_t page,
		       struct stress_write *w)
{
	const struct stress_view *v = &g->view;
	uint32_t gen;

	w->page = page;
	w->before = v->states[page];
	w->was = *rec_of(v, g->vcpu, page);
	if (w->before & STRESS_CHANGING)
		return 0;
	gen = (stress_rec_gen(w->was) + 1) & STRESS_GEN_MASK;
	w->gen = gen ? gen : 1;
	w->value = stress_value(v->seed, g->vcpu, page, w->gen);
	w->old = stress_unit(v, g->vcpu, page)[0];
	return 1;
}

/*
 * In a page that is read-only before and after, the store must have changed
 * nothing; whether it was dropped or never ends is up to how the host made it
 * so.
 */
enum stress_kind stress_write_end(const struct stress_guest *g,
				  const struct stress_write *w,
				  uint64_t *found)
{
	const struct stress_view *v = &g->view;
	uint64_t after;

	asm volatile("mfence" : : : "memory");
	*found = stress_unit(v, g->vcpu, w->page)[0];
	asm volatile("lfence" : : : "memory");
	after = v->states[w->page];
	if (w->before == after && w->before & (STRESS_READONLY | STRESS_CLOSED))
		return stayed(w->before, w->old, *found);
	*rec_of(v, g->vcpu, w->page) =
		stress_rec(w->gen, stress_epoch(w->before), w->before != after);
	return w->before != after ? STRESS_RACED : STRESS_OK;
}

void stress_write_lost(const struct stress_guest *g,
		       const struct stress_write *w)
{
	*rec_of(&g->view, g->vcpu, w->page) =
		stress_rec(w->gen, stress_epoch(w->before), 1);
}

/* Write the next generation. */
static enum stress_kind write_next(struct stress_guest *g, uint32_t page,
				   enum stress_op op, struct stress_event *e)
{
	enum stress_kind kind, end;
	struct stress_write w;
	int can = stress_write_begin(g, page, &w);

	e->state = w.before;
	e->rec = w.was;
	if (!can)
		return STRESS_RACED;
	/* A comparison would fail where the page becomes zeroes before it. */
	if (w.before & STRESS_LAZY && op == STRESS_LOCKED)
		op = STRESS_STORE;
	kind = store(g, &w, op);
	e->found[1] = w.old;
	end = stress_write_end(g, &w, &e->found[0]);
	if (end != STRESS_OK || w.before & (STRESS_READONLY | STRESS_CLOSED))
		return end;
	return kind;
}

/* ---- the loop -------------------------------------------------------------- */

static enum stress_op pick_op(const struct stress_guest *g, uint32_t dice,
			      uint32_t page)
{
	uint32_t op, sum = 0;

	for (op = 0; op < NR_STRESS_OPS - 1u; op++) {
		sum += g->weights[op];
		if (dice < sum)
			break;
	}
	if (op == STRESS_CALL && page < g->view.first_steady)
		return STRESS_STORE;
	return op;
}

/* Where a violation shows, it stops the vCPU: the rest would follow from it. */
static int note(struct stress_guest *g, struct stress_event *e)
{
	g->log[g->log_at++ % STRESS_LOG_OPS] = *e;
	if (e->kind == STRESS_RACED)
		g->raced++;
	if (e->kind <= STRESS_RACED)
		return 0;
	if (g->nr_bad < STRESS_MAX_BAD)
		g->bad[g->nr_bad] = *e;
	g->nr_bad++;
	return 1;
}

int stress_turn(struct stress_guest *g)
{
	const struct stress_view *v = &g->view;
	uint64_t dice = stress_random(g);
	struct stress_event e = {
		.page = (uint32_t)(dice >> 32) % v->first_table,
		.writer = g->vcpu,
	};

	e.op = pick_op(g, dice & 255, e.page);
	e.tsc = timing_tsc();
	if (e.op == STRESS_CHECK_OTHER)
		e.writer = (dice >> 8 & 0xffff) % v->nr_vcpus;
	if (e.op <= STRESS_CHECK_OTHER)
		e.kind = stress_check(v, e.writer, e.page,
				      e.writer == g->vcpu, &e);
	else
		e.kind = write_next(g, e.page, e.op, &e);
	g->ops[e.op]++;
	g->done++;
	return note(g, &e);
}

void stress_turns(struct stress_guest *g, const volatile uint32_t *stop,
		  uint32_t nr)
{
	while (nr-- && !*stop && !g->nr_bad)
		stress_turn(g);
}

void stress_run(struct stress_guest *g, const volatile uint32_t *stop)
{
	while (!*stop && !g->nr_bad) {
		stress_turns(g, stop, STRESS_PAUSE_OPS);
		if (g->pause)
			g->pause(g->pause_arg);
	}
}
