// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does one page fault cost the guest, by kind?
 *
 * Every access of a pass over the memory is timed in the guest; before each
 * round the host puts all pages into the state that makes them fault in one
 * way: no host page and no SPTE (absent), a host page without an SPTE
 * (present), a write-protected SPTE (write_protect), an aged SPTE
 * (access_track), or several vCPUs racing for the same absent pages (shared).
 * Warm accesses give the floor.
 *
 * A latency holds the exit, the fault handler and the way back, and for
 * absent pages the host's own allocation.  It cannot tell these apart, and
 * neighbours that KVM maps along with a page show as fast accesses: the
 * counts say how many pages one fault mapped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "aging/aging.h"
#include "base/timing.h"
#include "bench/bench.h"
#include "dirty/dirty.h"
#include "payload/payload.h"
#include "run/rounds.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Code, stack, message block and the like, seen once by each vCPU: about 7. */
#define OWN_PAGES 16

enum kind { ABSENT, PRESENT, WRITE_PROTECT, ACCESS_TRACK, SHARED };
enum { ARG_KIND, ARG_OP };

/* One case in progress. */
struct kinds {
	struct bench *b;
	enum kind kind;
	enum payload_op op;
	struct aging aging;
	struct dirty dirty;
	unsigned long *bitmap;
	struct hist all, round;
	struct rounds p50;
};

/* Of no pages at all: does the kernel know the advice? */
static int probe_prefault(struct kinds *k)
{
	if (!madvise(k->b->rig->mem.hva, 0, MADV_POPULATE_WRITE))
		return 0;
	return reason_skip(&k->b->why, -errno,
			   "no MADV_POPULATE_WRITE (Linux 5.14)");
}

static int prefault_host(struct kinds *k)
{
	const struct gpages *m = &k->b->rig->mem;
	int err;

	if (!madvise(m->hva, m->nr_pages * 4096, MADV_POPULATE_WRITE))
		return 0;
	err = errno;
	return reason_set(&k->b->why, -err,
			  "madvise(MADV_POPULATE_WRITE) failed: %s",
			  strerror(err));
}

static int harvest(struct kinds *k)
{
	struct dirty_batch batch = { .bitmap = k->bitmap };
	int ret = dirty_collect(&k->dirty, &batch, &k->b->why);

	return ret ? ret : dirty_rearm(&k->dirty, &batch, &k->b->why);
}

static int age_all(struct kinds *k)
{
	struct aging_result res = { 0 };

	return aging_pass(&k->aging, &k->b->rig->mem, &res, &k->b->why);
}

/* Put every page into the state that makes it fault. */
static int arm(struct kinds *k)
{
	struct rig *rig = k->b->rig;
	int ret;

	switch (k->kind) {
	case WRITE_PROTECT:
		return harvest(k);
	case ACCESS_TRACK:
		return age_all(k);
	default:
		ret = rig_discard(rig, 0, rig->mem.nr_pages, &k->b->why);
		if (!ret && k->kind == PRESENT)
			ret = prefault_host(k);
		return ret;
	}
}

/* What has to be open before the first round. */
static int prepare(struct kinds *k)
{
	const struct aging_ops *ops;
	int ret;

	if (k->kind == WRITE_PROTECT) {
		ret = bench_populate(k->b);
		return ret ? ret : dirty_start(&k->dirty, &k->b->why);
	}
	if (k->kind == PRESENT)
		return probe_prefault(k);
	if (k->kind != ACCESS_TRACK)
		return 0;
	ops = aging_choose("auto", AGING_PER_PAGE, &k->b->why);
	if (!ops)
		return k->b->why.err;
	ret = bench_populate(k->b);
	return ret ? ret : aging_open(&k->aging, ops, &k->b->why);
}

static int measure(struct kinds *k, const char *phase)
{
	struct bench *b = k->b;
	const struct run_job job = bench_job(b, k->op, GUEST_TIMED);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < b->p.rounds && !ret; i++) {
		run_phase(b->run, "arm");
		ret = arm(k);
		if (ret)
			break;
		run_latency_reset(b->run);
		run_phase(b->run, phase);
		ret = run_job(b->run, &job, &b->why);
		if (ret)
			break;
		run_phase(b->run, "between");
		run_latency(b->run, k->op, &k->round);
		hist_merge(&k->all, &k->round);
		rounds_add(&k->p50, hist_quantile(&k->round, 0.5) *
					    timing_ns_per_tsc());
	}
	return ret;
}

static int measure_warm(struct kinds *k)
{
	const struct run_job job = bench_job(k->b, k->op, GUEST_TIMED);
	static struct hist warm;
	int ret;

	run_latency_reset(k->b->run);
	run_phase(k->b->run, "warm");
	ret = run_job(k->b->run, &job, &k->b->why);
	if (ret)
		return ret;
	run_latency(k->b->run, k->op, &warm);
	rec_dist(k->b->rec, "warm", &warm, "ns", timing_ns_per_tsc(),
		 BETTER_LOWER);
	return 0;
}

/* Pages that one pass touches, by the oracle. */
static uint64_t touched_pages(const struct bench *b)
{
	const struct rig *rig = b->rig;
	uint64_t sum = 0;
	unsigned int i;

	if (payload_members[b->p.payload]->caps & PAYLOAD_NO_ACCESS)
		return 0;
	for (i = 0; i < rig->cfg.nr_vcpus; i++)
		sum += payload_touched_units(rig->orders[i], rig->jobs[i]->nr,
					     rig_vcpu_units(rig), ~0u);
	return sum;
}

/*
 * One fault per page: 4K pages of one vCPU each, that the host left absent,
 * no page read before it is written, and a guest that no KVM interprets (a
 * software KVM does so with CPL 0).
 */
static bool one_fault_per_page(const struct kinds *k)
{
	const struct rig_config *cfg = &k->b->rig->cfg;

	return k->kind == ABSENT && cfg->backing == BACKING_ANON &&
	       cfg->unit_bytes == 4096 && !cfg->overlap && !cfg->exec &&
	       !cfg->guest_kernel && !k->b->rig->chase_planted &&
	       k->b->p.write_pct == 100;
}

/* Faults against pages: exact where one fault serves one page. */
static void record_faults(struct kinds *k, const struct kstat_snap *before,
			  const struct kstat_snap *after)
{
	struct bench *b = k->b;
	double taken = kstat_delta(before, after, "pf_taken");
	double pages = (double)touched_pages(b) * b->p.rounds;

	if (!before || !pages || !kstat_has(b->rig->kstat, "pf_taken"))
		return;
	rec_value(b->rec, "faults_per_page", taken / pages, "ratio",
		  BETTER_LOWER);
	if (one_fault_per_page(k))
		rec_check(b->rec, "pf_taken_grows_with_pages",
			  taken >= 0.98 * pages &&
			  taken <= 1.02 * pages +
				   OWN_PAGES * (1 + b->rig->cfg.nr_vcpus),
			  "%.0f faults for %.0f absent pages", taken, pages);
	if (k->kind == SHARED)
		rec_count(b->rec, "spurious_faults",
			  kstat_delta(before, after, "pf_spurious"), "faults",
			  BETTER_NONE);
}

static int run_kind(struct kinds *k)
{
	struct bench *b = k->b;
	struct kstat_snap *before, *after;
	int ret = prepare(k);

	if (ret)
		return ret;
	if (b->rig->chase_planted && (k->kind == ABSENT || k->kind == SHARED))
		rec_note(b->rec, "the links of --payload chase lie in the pages: the host has written them before the guest's first access");
	before = kstat_snap(b->rig->kstat);
	ret = measure(k, "measure");
	after = kstat_snap(b->rig->kstat);
	if (!ret) {
		rec_dist(b->rec, "fault", &k->all, "ns", timing_ns_per_tsc(),
			 BETTER_LOWER);
		rounds_record(b->rec, "fault.p50_by_round", "ns", &k->p50);
		record_faults(k, before, after);
		ret = measure_warm(k);
	}
	kstat_snap_free(before);
	kstat_snap_free(after);
	if (!ret)
		ret = run_record_self_cost(b->run, &b->why);
	if (!ret)
		bench_check_content(k->b, "content");
	return ret;
}

static int open_rig(struct kinds *k)
{
	struct rig_config cfg;
	struct bench *b = k->b;
	int ret = 0;

	b->p.op = k->op;
	params_rig_config(&b->p, &cfg);
	if (k->kind == SHARED)
		cfg.overlap = true;
	if (k->kind == WRITE_PROTECT) {
		ret = dirty_open(&k->dirty, dirty_find("get", &b->why), 0, 0,
				 &b->why);
		cfg.hooks = dirty_rig_hooks(&k->dirty);
	}
	if (!ret)
		ret = bench_rig(b, &cfg, 0);
	if (!ret)
		ret = bench_load_payload(b);
	if (ret || k->kind != WRITE_PROTECT)
		return ret;
	k->bitmap = calloc(dirty_bitmap_longs(b->rig->mem.nr_pages),
			   sizeof(*k->bitmap));
	return k->bitmap ? 0 : reason_set(&b->why, -ENOMEM,
					  "no memory for a dirty bitmap");
}

static int kinds_case(struct bench *b, const struct bench_case *c)
{
	struct kinds *k = calloc(1, sizeof(*k));
	int ret;

	if (!k)
		return reason_set(&b->why, -ENOMEM, "no memory");
	k->b = b;
	k->kind = c->arg[ARG_KIND];
	k->op = c->arg[ARG_OP];
	ret = open_rig(k);
	if (!ret)
		ret = run_kind(k);
	if (k->aging.ops)
		aging_close(&k->aging);
	bench_rig_free(b);
	if (k->dirty.ops)
		dirty_close(&k->dirty);
	free(k->bitmap);
	free(k);
	return ret;
}

#define KIND(_name, _summary, _kind, _op, _flags) \
	{ .name = "fast_pf." _name, .summary = _summary, .fn = kinds_case, \
	  .arg = { _kind, _op }, .flags = _flags }

static const struct bench_case cases[] = {
	KIND("map.absent.read", "first read: no host page, no SPTE",
	     ABSENT, OP_READ, 0),
	KIND("map.absent.write", "first write: no host page, no SPTE",
	     ABSENT, OP_WRITE, 0),
	KIND("map.present.write", "first write: host page there, no SPTE",
	     PRESENT, OP_WRITE, 0),
	KIND("write_protect", "write to a page protected for dirty logging",
	     WRITE_PROTECT, OP_WRITE, 0),
	KIND("access_track.read", "read of an aged page",
	     ACCESS_TRACK, OP_READ, 0),
	KIND("access_track.write", "write to an aged page",
	     ACCESS_TRACK, OP_WRITE, 0),
	KIND("shared", "all vCPUs write the same absent pages",
	     SHARED, OP_WRITE, BENCH_NEEDS_2_VCPUS),
	{ .name = NULL }
};

int main(int argc, char **argv)
{
	const struct bench_program prog = {
		.name = "fast_pf/kinds",
		.question = "What does one page fault cost the guest, by kind?",
		.cases = cases,
	};

	return bench_main(argc, argv, &prog);
}
