// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a stress run, see world.h.
 *
 * A page's state is a word that agents change by compare-and-swap: who turned
 * STRESS_CHANGING on owns the page.  Guests only read it.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "base/rng.h"
#include "base/timing.h"
#include "violation.h"
#include "world.h"

#define HUGE_BYTES (2ull << 20)
/* Unless --slots says more: so that some can go while code runs in others. */
#define DEFAULT_SLOTS 3u
#define OPENING_NS 200000u

const char *const world_judges[] = {
	"tables", "memory", "log", "snapshot", "slot", "aging", "progress", "leak", NULL
};

/* ---- exits of the guests ----------------------------------------------------- */

/*
 * A KVM that interprets the guest hands over accesses to a page without rights:
 * they end when the page has rights again, so that nobody takes their answer
 * for the page's content.
 */
static void await_opening(const struct world *w, uint64_t gpa)
{
	uint64_t page = (gpa - w->rig->mem.gpa) / 4096;

	while (gpa >= w->rig->mem.gpa && page < w->view.nr_pages &&
	       w->view.states[page] & STRESS_CLOSED)
		timing_sleep_ns(OPENING_NS);
}

/*
 * A page without rights, or without a memslot, stops a vCPU only for as long
 * as an agent holds it so: the vCPU tries again.
 */
static int vcpu_exit(void *arg, unsigned int vcpu, int err, struct reason *why)
{
	struct world *w = arg;
	struct kvm_run *run = rig_kvm_run(w->rig, vcpu);
	uint64_t first = w->rig->mem.gpa;
	uint64_t end = first + w->rig->mem.nr_pages * 4096;
	int handled = w->has_log ? dirty_vcpu_exit(&w->log, vcpu, why) : 0;

	if (handled)
		return handled;
	if (err == EINTR) {
		world_errand_do(w, vcpu);
		return 1;
	}
	if (err == EFAULT) {
		__atomic_add_fetch(&w->faults, 1, __ATOMIC_RELAXED);
		sched_yield();
		return 1;
	}
	if (err || run->exit_reason != KVM_EXIT_MMIO ||
	    ((run->mmio.phys_addr < first || run->mmio.phys_addr >= end) &&
	     run->mmio.phys_addr >> 21 != WORLD_HOLE_GPA >> 21))
		return 0;
	__atomic_add_fetch(&w->mmio_exits, 1, __ATOMIC_RELAXED);
	await_opening(w, run->mmio.phys_addr);
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
	return 1;
}

static int vm_created(void *arg, struct rig *rig, struct reason *why)
{
	struct world *w = arg;

	w->rig = rig;
	return w->has_log ? dirty_vm_created(&w->log, rig, why) : 0;
}

/* ---- life -------------------------------------------------------------------- */

struct layout {
	uint64_t states, recs, guests, tables, bytes;
	uint64_t guest_step;
};

static struct layout lay_out(uint32_t nr_pages, uint32_t nr_guests,
			     uint32_t nr_tables)
{
	struct layout l = { 0 };

	l.states = 0;
	l.recs = l.states + nr_pages * 8ull;
	l.guests = l.recs + 8ull * nr_pages * nr_guests;
	l.guest_step = (sizeof(struct stress_guest) + 63) / 64 * 64;
	l.tables = (l.guests + l.guest_step * nr_guests + 63) / 64 * 64;
	l.bytes = l.tables + nr_tables * sizeof(struct tables_guest);
	return l;
}

static int open_log(struct world *w, const struct world_setup *s)
{
	const struct dirty_ops *ops;
	int err;

	if (!s->log)
		return 0;
	ops = dirty_find(s->log, &w->b->why);
	if (!ops)
		return -EINVAL;
	err = dirty_open(&w->log, ops, s->log_flags, 65536, &w->b->why);
	w->has_log = !err;
	return err;
}

static void set_view(struct world *w, struct stress_view *v,
		     const struct layout *l, uint64_t shared, uint64_t mem)
{
	uint32_t nr_tables = l->bytes > l->tables ?
			     world_table_pages(w->rig->cfg.nr_vcpus) : 0;

	v->states = (volatile uint64_t *)(shared + l->states);
	v->recs = (volatile uint64_t *)(shared + l->recs);
	v->mem = (char *)mem;
	v->seed = w->b->p.seed;
	v->nr_pages = w->rig->mem.nr_pages;
	v->nr_vcpus = w->nr_guests;
	v->first_steady = v->nr_pages - v->nr_pages / 4;
	v->first_table = v->nr_pages - nr_tables;
}

/* Of 256 turns: how many are of each operation. */
static const uint32_t weights[NR_STRESS_OPS] = {
	[STRESS_CHECK] = 96, [STRESS_CHECK_OTHER] = 48, [STRESS_STORE] = 64,
	[STRESS_LOCKED] = 24, [STRESS_SPLIT] = 16, [STRESS_CALL] = 8,
};

static int set_guests(struct world *w, const struct layout *l)
{
	uint64_t shared = (uintptr_t)w->rig->shared;
	uint64_t seed = w->b->p.seed;
	unsigned int i, nr = w->nr_guests, vcpus = w->rig->cfg.nr_vcpus;

	set_view(w, &w->view, l, shared, (uintptr_t)w->rig->mem.hva);
	w->guests = calloc(nr, sizeof(*w->guests));
	w->host_dirty = calloc(dirty_bitmap_longs(w->view.nr_pages),
			       sizeof(unsigned long));
	if (!w->guests || !w->host_dirty)
		return reason_set(&w->b->why, -ENOMEM, "no memory for %u vCPUs",
				  nr);
	for (i = 0; i < nr; i++) {
		uint64_t at = l->guests + i * l->guest_step;
		struct stress_guest *g = (void *)(uintptr_t)(shared + at);

		set_view(w, &g->view, l, w->rig->shared_gva, w->rig->mem_gva);
		g->vcpu = i;
		g->rng = rng_next(&seed);
		memcpy(g->weights, weights, sizeof(weights));
		w->guests[i] = g;
		if (i < vcpus)
			w->rig->jobs[i]->stress_gva = w->rig->shared_gva + at;
		else
			rig_smm_stress(w->rig, i - vcpus, w->rig->shared_gva + at);
	}
	return 0;
}

/*
 * One region for all vCPUs, with room for a huge page however small --bytes
 * is, cut so that no slot but the first begins at a multiple of 64 pages.
 */
static void size_memory(struct rig_config *cfg)
{
	uint64_t page = rig_backing_page_bytes(cfg->backing), slot;

	if (cfg->nr_slots == 1)
		cfg->nr_slots = DEFAULT_SLOTS;
	slot = (cfg->vcpu_bytes * cfg->nr_vcpus + HUGE_BYTES) / page /
	       cfg->nr_slots;
	if (slot > 64 && slot % 64 == 0)
		slot--;
	cfg->vcpu_bytes = slot * page * cfg->nr_slots;
	cfg->overlap = true;
}

int world_open(struct world *w, struct bench *b, const struct world_setup *s)
{
	struct rig_config cfg;
	struct layout l;
	int err;

	memset(w, 0, sizeof(*w));
	w->b = b;
	w->plant = s->plant;
	pthread_mutex_init(&w->lock, NULL);
	pthread_mutex_init(&w->slots_lock, NULL);
	if (b->p.vcpus * (s->has_smm ? 2 : 1) > STRESS_MAX_VCPUS)
		return reason_skip(&b->why, -EOPNOTSUPP,
				  "a page has room for %u vCPUs; use fewer --vcpus",
				  STRESS_MAX_VCPUS);
	params_rig_config(&b->p, &cfg);
	cfg.guest_nested = s->is_nested;
	if (s->is_shared)
		cfg.backing = BACKING_SHMEM;
	size_memory(&cfg);
	cfg.unit_bytes = 4096;
	cfg.guest_kernel = cfg.guest_kernel || s->levels;
	cfg.hooks = (struct rig_hooks){ vm_created, vcpu_exit, w };
	cfg.guest_smm = s->has_smm;
	w->nr_guests = cfg.nr_vcpus * (s->has_smm ? 2 : 1);
	l = lay_out(cfg.vcpu_bytes / 4096, w->nr_guests,
		    s->levels ? cfg.nr_vcpus : 0);
	cfg.shared_bytes = l.bytes;
	err = open_log(w, s);
	if (!err)
		err = bench_rig(b, &cfg, s->nr_agents);
	if (!err)
		err = set_guests(w, &l);
	w->tables_at = l.tables;
	if (!err)
		err = world_errands_open(w);
	if (!err)
		violation_begin(w);
	w->begin_ns = timing_now_ns();
	return err;
}

void world_close(struct world *w)
{
	if (w->has_log && w->b->rig)
		dirty_stop(&w->log, NULL);
	violation_free(w);
	bench_rig_free(w->b);
	if (w->has_log)
		dirty_close(&w->log);
	world_errands_close(w);
	free(w->guests);
	free(w->tables);
	free((void *)w->host_dirty);
	pthread_mutex_destroy(&w->lock);
	pthread_mutex_destroy(&w->slots_lock);
}

/* ---- alarms and history ------------------------------------------------------ */

void world_alarm(struct world *w, const char *judge, uint32_t page,
		 const char *fmt, ...)
{
	struct world_alarm *a;
	va_list ap;

	pthread_mutex_lock(&w->lock);
	if (!w->nr_alarms)
		violation_catch(w);
	if (w->nr_alarms < WORLD_ALARMS) {
		a = &w->alarms[w->nr_alarms];
		a->judge = judge;
		a->page = page;
		va_start(ap, fmt);
		vsnprintf(a->text, sizeof(a->text), fmt, ap);
		va_end(ap);
	}
	w->nr_alarms++;
	pthread_mutex_unlock(&w->lock);
}

void world_did(struct world *w, const char *agent, const char *what,
	       uint32_t first, uint32_t nr, uint64_t begin_ns)
{
	pthread_mutex_lock(&w->lock);
	w->deeds[w->nr_deeds++ % WORLD_HISTORY] = (struct world_deed){
		.begin_ns = begin_ns, .end_ns = timing_now_ns(),
		.agent = agent, .what = what, .first = first, .nr = nr,
	};
	pthread_mutex_unlock(&w->lock);
}

bool world_plants(const struct world *w, const char *judge)
{
	return !strcmp(w->plant, judge);
}

/* ---- pages ------------------------------------------------------------------- */

static bool claim_one(struct world *w, uint32_t page)
{
	volatile uint64_t *s = &w->view.states[page];
	uint64_t was = __atomic_load_n(s, __ATOMIC_ACQUIRE);

	return !(was & (STRESS_CHANGING | STRESS_HELD)) &&
	       __atomic_compare_exchange_n(s, &was, was | STRESS_CHANGING, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

uint32_t world_claim(struct world *w, uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr && claim_one(w, first + i); i++)
		;
	return i;
}

bool world_claim_all(struct world *w, uint32_t first, uint32_t nr)
{
	uint32_t have = world_claim(w, first, nr);

	if (have == nr)
		return true;
	world_release(w, first, have, WORLD_KEPT, WORLD_FREE);
	return false;
}

void world_reclaim(struct world *w, uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = first; i < first + nr; i++)
		__atomic_or_fetch(&w->view.states[i], STRESS_CHANGING,
				  __ATOMIC_SEQ_CST);
}

static void mark_host_dirty(struct world *w, uint32_t page)
{
	const unsigned int bits = 8 * sizeof(unsigned long);

	__atomic_or_fetch(&w->host_dirty[page / bits], 1ul << page % bits,
			  __ATOMIC_SEQ_CST);
}

void world_forget_log(struct world *w, uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = first; i < first + nr; i++)
		mark_host_dirty(w, i);
}

static uint64_t state_after(uint64_t was, enum world_change change,
			    enum world_hold hold)
{
	static const uint64_t holds[] = {
		[WORLD_FREE] = 0, [WORLD_HOLD] = STRESS_HELD,
		[WORLD_READONLY] = STRESS_HELD | STRESS_READONLY,
		[WORLD_CLOSED] = STRESS_HELD | STRESS_CLOSED,
	};
	uint64_t seq = (was + STRESS_SEQ) & (UINT32_MAX - STRESS_SEQ + 1);
	static const uint64_t contents[] = {
		[WORLD_ZEROED] = 0, [WORLD_STAMPED] = STRESS_STAMPED,
		[WORLD_LAZY] = STRESS_LAZY,
	};
	uint64_t epoch = was >> 32;
	uint64_t flags = was & (STRESS_STAMPED | STRESS_LAZY);

	if (change != WORLD_KEPT) {
		epoch++;
		flags = contents[change];
	}
	return epoch << 32 | seq | flags | holds[hold];
}

void world_release(struct world *w, uint32_t first, uint32_t nr,
		   enum world_change change, enum world_hold hold)
{
	uint32_t i;

	for (i = first; i < first + nr; i++) {
		if (change != WORLD_KEPT)
			mark_host_dirty(w, i);
		__atomic_store_n(&w->view.states[i],
				 state_after(w->view.states[i], change,
					     hold), __ATOMIC_SEQ_CST);
	}
}

void world_stamp(const struct world *w, uint32_t page, uint32_t epoch, void *to)
{
	uint64_t value = stress_value(w->view.seed, STRESS_HOST - 1, page,
				      epoch);
	uint32_t i;

	memset(to, 0, 4096);
	for (i = 0; i < w->view.nr_vcpus; i++) {
		uint64_t *unit = (uint64_t *)((char *)to +
					      i * STRESS_UNIT_BYTES);

		unit[0] = value;
		unit[1] = ~value;
	}
}

struct world_span world_pick(uint32_t limit, uint32_t max, uint64_t *rng)
{
	uint64_t dice = rng_next(rng);
	struct world_span s = { .first = (dice >> 32) % limit };
	/* Short spans as often as long ones. */
	uint32_t upto = 1u << dice % 12;

	s.nr = 1 + (dice >> 8 & 0xffff) % (upto < max ? upto : max);
	if (s.nr > limit - s.first)
		s.nr = limit - s.first;
	return s;
}

bool world_read_page(const struct world *w, uint32_t page, void *to)
{
	struct iovec here = { to, 4096 }, there = { world_hva(w, page), 4096 };

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 4096;
}

uint64_t world_sum_page(const struct world *w, uint32_t page)
{
	uint64_t words[512], sum = 0;
	unsigned int i;

	if (!world_read_page(w, page, words))
		return 0;
	for (i = 0; i < 512; i++)
		sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15ull;
	return sum;
}
