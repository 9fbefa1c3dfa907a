// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's side of guests that edit their page tables (guest/tables.h).
 *
 * The tables take the last pages of the memory under test, where no stressor
 * replaces content or takes rights away: KVM may answer that with a page
 * fault, and be right.  They are aged, logged, shared, moved and merged like
 * all others.  A guest keeps the rig's own mappings of code, stack and memory
 * in its tables, but closed to user mode.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "record/place.h"
#include "world.h"

#define RIGHTS (PT_P | PT_W | PT_U | PT_A | PT_D)
#define TOLD_EVENTS 12u	/* of a vCPU's log; chosen */

/* ---- what a guest starts with ---------------------------------------------------- */

/* Data pages to map: those that large pages hold, steady ones, and others. */
static void choose_pages(const struct world *w, struct tables_guest *t,
			 uint64_t *rng)
{
	uint32_t regions = w->view.first_table / 512, i;
	uint32_t nr_steady = w->view.first_table - w->view.first_steady;

	t->nr_large = regions < 4 ? regions : 4;
	for (i = 0; i < t->nr_large; i++)
		t->large[i] = rng_next(rng) % regions * 512;
	for (i = 0; i < TABLES_PAGES; i++) {
		if (i < 4 * t->nr_large)
			t->pages[i] = t->large[i / 4] + tables_entries[i % 4];
		else if (i % 3)
			t->pages[i] = rng_next(rng) % w->view.first_table;
		else
			t->pages[i] = w->view.first_steady +
				      rng_next(rng) % nr_steady;
	}
}

/* The upper table of the rig's own mappings, at the level of the roots. */
static void fill_home(struct rig *rig, unsigned int levels, uint64_t *home)
{
	uint64_t pml4 = rig_guest_root(rig, home);

	if (levels == 4)
		return;
	memset(home, 0, 4096);
	home[0] = RIGHTS | pml4;
}

/* The rig's mappings in each root, and the page with ring 3's code. */
static void write_fixed(const struct tables_guest *t, char *pool,
			const uint64_t *home)
{
	uint64_t *user = (uint64_t *)(pool + TABLES_USER * 4096ull), *root;
	uint64_t gpa = t->mem.pool_gpa, top = t->mem.levels == 5 ? 3 : 0;
	uint32_t i, k;

	for (i = 0; i < TABLES_SPACES; i++) {
		root = (uint64_t *)(pool + i * 4096ull);
		for (k = 0; k < 512; k++)
			root[k] = home[k] & ~PT_U;
		root[TABLES_USER_ENTRY] = RIGHTS |
					  (gpa + (TABLES_USER + top) * 4096ull);
	}
	user[0] = RIGHTS | (gpa + (TABLES_USER + 1) * 4096ull);
	user[512] = RIGHTS | (gpa + (TABLES_USER + 2) * 4096ull);
	user[1024] = RIGHTS | (gpa + TABLES_CODE * 4096ull);
	user[1025] = RIGHTS | (gpa + TABLES_STACK * 4096ull);
	user[1536] = RIGHTS | (gpa + TABLES_USER * 4096ull);
	memcpy(pool + TABLES_HOME * 4096ull, home, 4096);
	memcpy(pool + TABLES_CODE * 4096ull, ring_user_code,
	       ring_user_code_end - ring_user_code);
}

/* One upper table of the rig's mappings serves all vCPUs: that of the first. */
static uint64_t home_page(const struct world *w)
{
	return w->view.first_table + TABLES_HOME;
}

static void set_guest(struct world *w, unsigned int vcpu, unsigned int levels,
		      uint64_t *rng)
{
	struct tables_guest *t = w->tables[vcpu];
	uint64_t first = (w->view.first_table + vcpu * TABLES_NR) * 4096ull;
	uint64_t home[512];

	fill_home(w->rig, levels, home);
	t->home_cr3 = levels == 4 ? rig_guest_root(w->rig, home) :
		      w->rig->mem.gpa + home_page(w) * 4096ull;
	t->stress = (void *)(uintptr_t)w->rig->jobs[vcpu]->stress_gva;
	t->mem = (struct ptwalk_mem){
		.pool = (void *)(uintptr_t)(w->rig->mem_gva + first),
		.pool_gpa = w->rig->mem.gpa + first, .nr_tables = TABLES_NR,
		.data_gpa = w->rig->mem.gpa, .nr_data = w->view.first_table,
		.hole_gpa = WORLD_HOLE_GPA, .levels = levels,
		.plant = world_plants(w, "tables") ? PT_W : 0,
	};
	t->may = UINT32_MAX;
	t->no_locked = place_emulated() && !strcmp(place_clock(), "virtual");
	t->nr_gvas = TABLES_LAST << (levels - 1);
	t->ring.user_code = (uint64_t)TABLES_USER_ENTRY << (9 * levels + 3);
	t->ring.user_stack = t->ring.user_code + 2 * 4096;
	choose_pages(w, t, rng);
	write_fixed(t, world_hva(w, first / 4096), home);
}

int world_open_tables(struct world *w, unsigned int levels)
{
	uint64_t rng = w->b->p.seed ^ 0x7ab1e5, at = w->tables_at;
	unsigned int i, nr = w->rig->cfg.nr_vcpus;
	uint32_t page;

	if (w->view.first_table < w->view.first_steady + 64)
		return reason_usage(&w->b->why, -EINVAL,
				    "there is no room for the page tables of %u vCPUs; give more --bytes",
				    nr);
	w->tables = calloc(nr, sizeof(*w->tables));
	if (!w->tables)
		return reason_set(&w->b->why, -ENOMEM, "no memory for %u vCPUs", nr);
	for (page = w->view.first_table; page < w->view.nr_pages; page++)
		w->view.states[page] = STRESS_HELD;
	for (i = 0; i < nr; i++, at += sizeof(struct tables_guest)) {
		w->tables[i] = (void *)((char *)w->rig->shared + at);
		w->rig->jobs[i]->tables_gva = w->rig->shared_gva + at;
		set_guest(w, i, levels, &rng);
	}
	for (i = 0; i < nr && nr > 1; i++)
		w->tables[i]->other = (void *)(uintptr_t)
			w->rig->jobs[(i + 1) % nr]->tables_gva;
	if (levels == 5)
		return rig_use_five_levels(w->rig, w->tables[0]->home_cr3,
					   &w->b->why);
	return 0;
}

/* ---- what it found ---------------------------------------------------------------- */

static void tell_step(const struct tables_bad *b, uint32_t i, char *text,
		      size_t bytes)
{
	const struct ptwalk_step *s = &b->walk.step[i];

	snprintf(text, bytes, " %u[%u] 0x%" PRIx64 "/0x%" PRIx64, s->table,
		 s->entry, s->value, b->after[i]);
}

static void note_log(struct world *w, unsigned int vcpu)
{
	const struct tables_guest *t = w->tables[vcpu];
	uint64_t at = t->log_at;
	uint32_t n;

	for (n = 0; n < TOLD_EVENTS && at--; n++) {
		const struct tables_event *e = &t->log[at % TABLES_LOG];

		rec_note(w->b->rec,
			 "vCPU %u, change %u, space %u: %s 0x%" PRIx64 " (0x%x), entry %u[%u], value 0x%" PRIx64 ", vector %u, error 0x%x",
			 vcpu, e->seq, e->space, tables_op_names[e->op], e->gva,
			 e->detail, e->table, e->entry, e->value, e->vector,
			 e->error);
	}
}

static void collect(struct world *w, unsigned int vcpu)
{
	struct tables_guest *t = w->tables[vcpu];
	const struct tables_bad *b = &t->bad;
	char steps[PT_LEVELS * 64] = "";
	uint32_t i;

	for (i = 0; i < b->walk.nr_steps; i++)
		tell_step(b, i, steps + strlen(steps), sizeof(steps) - strlen(steps));
	world_alarm(w, "tables", UINT32_MAX,
		    "vCPU %u, space %u: %s (%s): 0x%" PRIx64 " by access 0x%x, modes 0x%x: wanted 0x%x of page %u (%u), got vector %u error 0x%x cr2 0x%" PRIx64 " rip 0x%" PRIx64 " value 0x%" PRIx64 "; entries before/after:%s",
		    vcpu, b->e.space, tables_kind_names[b->kind],
		    stress_kind_names[b->stress], b->e.gva, b->e.detail, b->cpu,
		    b->want, b->walk.page, b->walk.kind, b->e.vector, b->e.error,
		    b->cr2, b->rip, b->e.value, steps);
	note_log(w, vcpu);
	t->nr_bad = 0;
}

void world_collect_tables(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->view.nr_vcpus; i++)
		if (w->tables[i]->nr_bad)
			collect(w, i);
}

void world_record_tables(struct world *w)
{
	uint64_t bound = 0, unbound = 0, faults = 0, edits = 0;
	unsigned int i;

	for (i = 0; i < w->view.nr_vcpus; i++) {
		const struct tables_guest *t = w->tables[i];

		bound += t->bound;
		unbound += t->unbound;
		faults += t->faults;
		edits += t->ops[TABLES_EDIT];
		if (t->ring.died)
			rec_note(w->b->rec,
				 "vCPU %u died of vector %" PRIu64 ", error 0x%" PRIx64 ", at rip 0x%" PRIx64 ", cr2 0x%" PRIx64,
				 i, t->ring.vector, t->ring.error, t->ring.rip,
				 t->ring.cr2);
	}
	rec_count(w->b->rec, "tables.edits", edits, "edits", BETTER_NONE);
	rec_count(w->b->rec, "tables.bound", bound, "accesses", BETTER_NONE);
	rec_count(w->b->rec, "tables.unbound", unbound, "accesses", BETTER_NONE);
	rec_count(w->b->rec, "tables.faults", faults, "faults", BETTER_NONE);
}
