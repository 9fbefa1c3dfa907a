// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does a guest pay for changing its own page tables?
 *
 * In each pass the guest moves all its pages to other frames by storing into
 * its page tables, flushes, and reads and writes every page at its new place;
 * stores, flushes and first accesses are timed apart.
 *   invlpg     one entry after the other: store, INVLPG, access
 *   cr3        all entries, one reload of CR3, all accesses
 *   directory  the same one level up: whole page tables change places
 * Under two-stage paging none of this concerns the host.  Under shadow paging
 * the first store into a table faults and lets the table go out of step
 * (mmu_unsync), the flush brings it into step, and each moved page faults;
 * stores into upper levels are emulated one by one (mmu_pte_write) or cost
 * the shadow of the table (mmu_flooded).
 *
 * Checked: each access reaches the page that the tables say after the flush,
 * for reads and for writes.  The guest runs in ring 0, where it can flush.  A
 * software KVM interprets that: there one pass is checked and nothing timed.
 * It cannot tell what KVM does inside an exit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/timing.h"
#include "bench/bench.h"
#include "run/rounds.h"

enum { ARG_LEVEL, ARG_EACH };

struct guest_pt {
	struct bench *b;
	unsigned int flags;
	struct hist hist[NR_REMAP_HISTS], pass;
	struct rounds access_p50;
	uint64_t pages, wrong;
	int64_t unsync;			/* largest number seen after a pass */
};

/* Two directory entries at least, or nothing can change places. */
#define DIRECTORY_BYTES (4ull << 20)

/* Move all pages by @shift entries from where they were at first. */
static int remap_pass(struct guest_pt *g, uint32_t shift)
{
	const struct run_job job = { .cmd = GUEST_REMAP, .flags = g->flags };
	struct rig *rig = g->b->rig;
	unsigned int i;
	int ret;

	for (i = 0; i < rig->cfg.nr_vcpus; i++) {
		struct guest_job *j = rig->jobs[i];

		j->pt_shift = shift % j->pt_nr;
		j->pt_tag = j->tag;
		j->wrong_pages = 0;
	}
	ret = run_job(g->b->run, &job, &g->b->why);
	for (i = 0; i < rig->cfg.nr_vcpus && !ret; i++)
		g->wrong += rig->jobs[i]->wrong_pages;
	return ret;
}

/* Shadowed guest tables that are out of step right now; a gauge of KVM's. */
static void note_unsync(struct guest_pt *g)
{
	struct kstat_snap *now = kstat_snap(g->b->rig->kstat);
	int64_t value = kstat_value(now, "mmu_unsync");

	if (value > g->unsync)
		g->unsync = value;
	kstat_snap_free(now);
}

static int measured_pass(struct guest_pt *g, uint32_t shift)
{
	struct run *run = g->b->run;
	unsigned int i;
	int ret;

	run_latency_reset(run);
	run_phase(run, "measure");
	ret = remap_pass(g, shift);
	if (ret)
		return ret;
	run_phase(run, "between");
	note_unsync(g);
	for (i = 0; i < NR_REMAP_HISTS; i++) {
		run_remap_latency(run, i, &g->pass);
		hist_merge(&g->hist[i], &g->pass);
		if (i == REMAP_ACCESS)
			rounds_add(&g->access_p50,
				   hist_quantile(&g->pass, 0.5) *
				   timing_ns_per_tsc());
	}
	g->pages += run_job_accesses(run);
	return 0;
}

static void record_per_page(struct guest_pt *g, const struct kstat_snap *before,
			    const struct kstat_snap *after)
{
	static const char *const names[] = { "pf_taken", "exits" };
	struct bench *b = g->b;
	char text[64];
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && before; i++) {
		if (!kstat_has(b->rig->kstat, names[i]))
			continue;
		snprintf(text, sizeof(text), "%s_per_page", names[i]);
		rec_value(b->rec, text,
			  (double)kstat_delta(before, after, names[i]) /
				  g->pages, "ratio", BETTER_LOWER);
	}
	if (kstat_has(b->rig->kstat, "mmu_unsync"))
		rec_count(b->rec, "tables_unsync", g->unsync, "tables",
			  BETTER_NONE);
}

static void record(struct guest_pt *g, const struct kstat_snap *before,
		   const struct kstat_snap *after)
{
	static const char *const names[] = {
		[REMAP_ACCESS] = "access", [REMAP_STORE] = "store",
		[REMAP_FLUSH] = "flush",
	};
	struct rec *rec = g->b->rec;
	unsigned int i;

	for (i = 0; i < NR_REMAP_HISTS; i++)
		rec_dist(rec, names[i], &g->hist[i], "ns", timing_ns_per_tsc(),
			 BETTER_LOWER);
	rounds_record(rec, "access.p50_by_round", "ns", &g->access_p50);
	rec_count(rec, "pages_moved", g->pages, "pages", BETTER_NONE);
	record_per_page(g, before, after);
}

static void verify(struct guest_pt *g)
{
	rec_check(g->b->rec, "new_mapping_is_read", !g->wrong,
		  "%" PRIu64 " of %" PRIu64 " reads reached another page than the one mapped",
		  g->wrong, g->pages);
	bench_check_content(g->b, "new_mapping_is_written");
}

static int measure(struct guest_pt *g)
{
	struct kstat_snap *before, *after;
	struct bench *b = g->b;
	uint32_t round;
	int ret;

	run_phase(b->run, "warm_up");
	ret = remap_pass(g, 1);
	before = kstat_snap(b->rig->kstat);
	for (round = 0; round < b->p.rounds && !ret; round++)
		ret = measured_pass(g, round + 2);
	after = kstat_snap(b->rig->kstat);
	if (!ret)
		record(g, before, after);
	kstat_snap_free(before);
	kstat_snap_free(after);
	/* Everything back to where it was. */
	run_phase(b->run, "restore");
	return ret ? ret : remap_pass(g, 0);
}

/* A guest that maps pages without a single fault is run by an interpreter. */
static int populate(struct guest_pt *g, bool *interpreted)
{
	struct bench *b = g->b;
	struct kstat_snap *before = kstat_snap(b->rig->kstat), *after;
	int ret = bench_populate(b);

	after = kstat_snap(b->rig->kstat);
	*interpreted = kstat_has(b->rig->kstat, "pf_taken") &&
		       !kstat_delta(before, after, "pf_taken");
	kstat_snap_free(before);
	kstat_snap_free(after);
	return ret;
}

static int check_only(struct guest_pt *g)
{
	int ret = remap_pass(g, 1);

	if (ret)
		return ret;
	g->pages = run_job_accesses(g->b->run);
	rec_note(g->b->rec,
		 "this KVM interprets ring-0 guests, so the case is checked and not timed");
	return remap_pass(g, 0);
}

static int run_passes(struct guest_pt *g)
{
	bool interpreted;
	int ret = populate(g, &interpreted);

	if (!ret && interpreted)
		ret = check_only(g);
	else if (!ret)
		ret = measure(g);
	if (!ret && !interpreted)
		ret = run_record_self_cost(g->b->run, &g->b->why);
	if (!ret)
		verify(g);
	return ret;
}

static int guest_pt_case(struct bench *b, const struct bench_case *c)
{
	struct guest_pt *g = calloc(1, sizeof(*g));
	struct rig_config cfg;
	int ret;

	if (!g)
		return reason_set(&b->why, -ENOMEM, "no memory");
	g->b = b;
	g->flags = c->arg[ARG_EACH] ? GUEST_REMAP_EACH : 0;
	params_rig_config(&b->p, &cfg);
	cfg.guest_kernel = true;
	if (c->arg[ARG_LEVEL] > 1 && cfg.vcpu_bytes < DIRECTORY_BYTES) {
		cfg.vcpu_bytes = DIRECTORY_BYTES;
		cfg.nr_slots = 1;
		rec_note(b->rec, "memory raised to 4M per vCPU, two entries, in one memslot");
	}
	ret = bench_rig(b, &cfg, 0);
	if (!ret)
		ret = rig_open_tables(b->rig, c->arg[ARG_LEVEL], &b->why);
	if (!ret)
		ret = run_passes(g);
	bench_rig_free(b);
	free(g);
	return ret;
}

#define GUEST_PT(_name, _summary, _level, _each) \
	{ .name = "fast_pf.guest_pt." _name, .summary = _summary, \
	  .fn = guest_pt_case, .arg = { _level, _each } }

static const struct bench_case cases[] = {
	GUEST_PT("invlpg", "guest moves its pages one by one, INVLPG each",
		 1, 1),
	GUEST_PT("cr3", "guest moves all its pages, then reloads CR3", 1, 0),
	GUEST_PT("directory", "guest moves whole page tables, then reloads CR3",
		 2, 0),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/guest_pt",
		.question = "What does a guest pay for changing its own page tables?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
