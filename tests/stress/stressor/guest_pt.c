// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rewrite entries of a guest's page tables from the host: a KVM that shadows
 * them is told nothing of it, as by a device that writes to guest memory.
 *
 * Content that a guest then finds through the entry may be that of any page,
 * but not older than that page's history allows; and KVM must keep its books
 * in order whatever it finds in the tables.  The guest knows that the entry
 * binds nobody until it has written it again.  No entry is changed while the
 * guest makes an access that is judged by it (guest/tables_model.c).
 */
#include <errno.h>

#include "base/rng.h"
#include "base/timing.h"
#include "stressor.h"

#define PATIENCE 20u		/* waits for a guest in mid-access; chosen */
#define WAIT_NS 200000u
#define MAX_HOLD_NS 3000000u	/* before the entry is put back; chosen */

static int guest_pt_probe(const struct world *w, struct reason *why)
{
	if (w->tables)
		return 0;
	return reason_skip(why, -EOPNOTSUPP, "the guests of this case do not edit page tables");
}

static bool begin(struct tables_guest *t)
{
	unsigned int i;

	__atomic_store_n(&t->host_busy, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < PATIENCE; i++) {
		if (!__atomic_load_n(&t->busy, __ATOMIC_SEQ_CST))
			return true;
		timing_sleep_ns(WAIT_NS);
	}
	__atomic_store_n(&t->host_busy, 0, __ATOMIC_SEQ_CST);
	return false;
}

static void end(struct tables_guest *t)
{
	__atomic_store_n(&t->host_busy, 0, __ATOMIC_SEQ_CST);
}

static uint64_t other_target(const struct tables_guest *t, uint64_t old,
			     uint64_t *rng)
{
	uint64_t rights = old & ~PT_ADDR, dice = rng_next(rng);
	uint64_t data = t->mem.data_gpa;

	if (dice % 4 == 0)
		return dice & 4 ? old & ~PT_P : rights | t->mem.hole_gpa;
	if (old & PT_PS)
		return rights | (data + t->large[(dice >> 8) % t->nr_large] * 4096ull);
	return rights | (data + t->pages[(dice >> 8) % TABLES_PAGES] * 4096ull);
}

/* An upper entry gets another table, of the level that it had or of any. */
static uint64_t other_table(const struct tables_guest *t, uint64_t old,
			    uint64_t *rng)
{
	uint32_t table = ((old & PT_ADDR) - t->mem.pool_gpa) / 4096;
	uint64_t dice = rng_next(rng);

	if (dice % 4 == 0)
		return old & ~PT_P;
	if (dice % 4 == 1)
		table = TABLES_SPACES + (dice >> 8) % (TABLES_MUTABLE - TABLES_SPACES);
	else if (table >= TABLES_LEAF)
		table = TABLES_LEAF + (dice >> 8) % (TABLES_MUTABLE - TABLES_LEAF);
	else
		table ^= 1;
	return (old & ~PT_ADDR) | (t->mem.pool_gpa + table * 4096ull);
}

/* The guest stays away from judging by the entry from the first store on. */
static void rewrite(struct world *w, struct tables_guest *t, uint32_t first,
		    const struct ptwalk_step *s, uint64_t value)
{
	volatile uint64_t *at = (volatile uint64_t *)
		(world_hva(w, first + s->table) + s->entry * 8ull);

	t->changed[s->table][s->entry] = TABLES_UNBOUND;
	__atomic_store_n(at, value, __ATOMIC_SEQ_CST);
	/* The guest may have edited it in between. */
	t->changed[s->table][s->entry] = TABLES_UNBOUND;
	world_forget_log(w, first + s->table, 1);
}

/* A step of the walk of a watched address, and make the guest go there. */
static bool pick_step(struct world *w, struct tables_guest *t, uint32_t first,
		      uint64_t *rng, struct ptwalk *walk, uint32_t *step)
{
	struct ptwalk_mem mem = t->mem;
	uint32_t i = rng_next(rng) % t->nr_gvas, last;

	mem.pool = (void *)world_hva(w, first);
	ptwalk(&mem, t->space % TABLES_SPACES, tables_gva(t, i), walk);
	last = walk->nr_steps - 1;
	*step = last - (rng_next(rng) % 3 ? 0 : rng_next(rng) % (last + 1));
	t->hot = i;
	return walk->step[*step].table < TABLES_MUTABLE &&
	       walk->step[*step].value & PT_P;
}

static int guest_pt_step(struct world *w, void *priv, uint64_t *rng,
			 struct reason *why)
{
	unsigned int vcpu = rng_next(rng) % w->view.nr_vcpus;
	struct tables_guest *t = w->tables[vcpu];
	uint32_t first = w->view.first_table + vcpu * TABLES_NR, step;
	uint64_t begin_ns = timing_now_ns();
	struct ptwalk walk;
	const struct ptwalk_step *s;

	if (!t->is_set || !begin(t))
		return 0;
	if (!pick_step(w, t, first, rng, &walk, &step)) {
		end(t);
		return 0;
	}
	s = &walk.step[step];
	rewrite(w, t, first, s, step < walk.nr_steps - 1 ?
		other_table(t, s->value, rng) : other_target(t, s->value, rng));
	end(t);
	if (rng_next(rng) % 2) {
		timing_sleep_ns(rng_next(rng) % MAX_HOLD_NS);
		if (begin(t)) {
			rewrite(w, t, first, s, s->value);
			end(t);
		}
	}
	world_did(w, "guest_pt", "rewrote an entry of", first + s->table, 1,
		  begin_ns);
	return 0;
}

const struct stressor_ops stressor_guest_pt = {
	.name = "guest_pt",
	.summary = "rewrite entries of the guest's page tables from the host",
	.weight = 20,
	.probe = guest_pt_probe,
	.step = guest_pt_step,
};
